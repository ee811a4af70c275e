#include "ndx/adapters/host/adapter_host.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpc/health/v1/health.pb.h"
#include "ndx/adapter/v1/adapter_service.pb.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/crypto/key_file.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/telemetry/log.h"
#include "ndx/tests/support/blocking_call.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/transport/event_loop_group.h"

namespace ndx::host {
namespace {

constexpr char kVerify[] = "/ndx.population.v1.PopulationService/VerifyCitizen";
constexpr char kSubmit[] = "/ndx.population.v1.PopulationService/SubmitCitizenList";
constexpr char kFile[] = "/ndx.population.v1.PopulationService/GetCitizenListFile";

class Host {
 public:
  Host() : loops_(clock_, 1, "client") {
    loops_.Start();
    Write("population.yaml",
          "database: {sqlite: {file: p.sqlite, create: true}, schema_file: " NDX_SOURCE_DIR
          "/adapters/population/schema.sql}\nmapping_file: " NDX_SOURCE_DIR
          "/adapters/population/mapping.yaml\n");
  }
  ~Host() {
    loops_.loop(0).RunAndWait([this] { channel_.reset(); });
    host.reset();
    loops_.Stop();
  }

  std::string Write(const std::string& name, const std::string& text) {
    std::ofstream(directory.File(name)) << text;
    return directory.File(name);
  }

  void Start(const std::string& adapter_yaml) {
    const auto settings = ReadHostSettings(
        Write("host.yaml",
              absl::StrCat("adapters: [{kind: population, config_file: population.yaml, ",
                           adapter_yaml, "}]\n")),
        {});
    INFO(settings.status());
    REQUIRE(settings.ok());
    host = std::make_unique<AdapterHost>(clock_, random_, log_);
    const absl::Status started = host->Start(*settings);
    INFO(started);
    REQUIRE(started.ok());
  }

  void Connect(const std::string& address,
               std::optional<transport::ChannelTls> tls = std::nullopt) {
    loops_.loop(0).RunAndWait([&] { channel_.reset(); });
    transport::ChannelOptions options;
    options.address = address;
    options.tls = std::move(tls);
    channel_ = transport::Channel::Create(loops_.loop(0), random_, std::move(options)).value();
  }

  tests::CallAnswer Call(const std::string& path, const google::protobuf::Message& request,
                         transport::Metadata metadata = {}) {
    transport::CallHead head;
    head.path = path;
    head.metadata = std::move(metadata);
    return tests::Call(loops_.loop(0), *channel_, std::move(head), {request.SerializeAsString()});
  }

  grpc::health::v1::HealthCheckResponse::ServingStatus Health(const std::string& service = "") {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    const auto answer = Call("/grpc.health.v1.Health/Check", request);
    grpc::health::v1::HealthCheckResponse health;
    if (answer.messages.empty() || !health.ParseFromString(answer.messages[0])) {
      return grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN;
    }
    return health.status();
  }

  static population::v1::VerifyCitizenRequest Verify() {
    population::v1::VerifyCitizenRequest request;
    request.set_citizen_id("000190000001");
    request.set_full_name("Không Ai");
    request.set_birth_date("1990");
    return request;
  }

  core::SystemClock clock_;
  core::SystemRandom random_;
  telemetry::SilentLog log_;
  tests::TempDir directory;
  transport::EventLoopGroup loops_;
  std::unique_ptr<AdapterHost> host;
  std::unique_ptr<transport::Channel> channel_;
};

TEST_CASE_METHOD(Host,
                 "calls over a UNIX socket reach the database, with metadata and error details") {
  const std::string socket = "unix:" + directory.File("p.sock");
  Start(absl::StrCat("listen: \"", socket, "\""));
  CHECK(host->ports() == std::vector<uint16_t>{0});
  Connect(socket);
  auto answer = Call(kVerify, Verify());
  INFO(answer.end.text);
  REQUIRE(answer.end.status.ok());
  REQUIRE(answer.messages.size() == 1);
  CHECK(answer.messages[0].empty());

  auto wrong = Verify();
  wrong.clear_full_name();
  answer = Call(kVerify, wrong);
  CHECK(answer.end.status.code == 3);
  CHECK(answer.end.status.message == "full_name is required");
  CHECK_FALSE(answer.end.status.details_bin.empty());
  CHECK(Call("/ndx.population.v1.PopulationService/Nothing", wrong).end.status.code == 12);

  CHECK(Health() == grpc::health::v1::HealthCheckResponse::SERVING);
  CHECK(Health("ndx.population.v1.PopulationService") ==
        grpc::health::v1::HealthCheckResponse::SERVING);
  CHECK(Health("ndx.land.v1.LandService") ==
        grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN);
}

TEST_CASE_METHOD(
    Host, "the idempotency key comes by its own name, else it is the exchange id; streams stream") {
  const std::string socket = "unix:" + directory.File("p.sock");
  Start(absl::StrCat("listen: \"", socket, "\""));
  Connect(socket);
  population::v1::SubmitCitizenListRequest submit;
  submit.mutable_criteria()->set_province_code("01");
  const std::string first = "01890000-0000-7000-8000-000000000001";
  const auto number = [&](transport::Metadata metadata) {
    const auto answer = Call(kSubmit, submit, std::move(metadata));
    INFO(answer.end.status.message);
    REQUIRE(answer.end.status.ok());
    population::v1::SubmitCitizenListResponse submitted;
    REQUIRE(submitted.ParseFromString(answer.messages.at(0)));
    return submitted.request_number();
  };
  const std::string kept =
      number({{"ndx-exchange-id", first}, {"ndx-consumer", "VN:GOV:H55:motcua"}});
  CHECK(kept == "YC01890000000070008000000000000001");
  // Executed again under a new id: the provider sees the old one as the key.
  CHECK(number({{"ndx-exchange-id", "01890000-0000-7000-8000-000000000002"},
                {"ndx-idempotency-key", first},
                {"ndx-consumer", "VN:GOV:H55:motcua"}}) == kept);

  population::v1::GetCitizenListFileRequest file;
  file.set_request_number("nothing");
  const auto streamed = Call(kFile, file);
  REQUIRE(streamed.messages.size() == 1);
  population::v1::GetCitizenListFileResponse piece;
  REQUIRE(piece.ParseFromString(streamed.messages[0]));
  CHECK(piece.state() == population::v1::CITIZEN_LIST_STATE_NOT_FOUND);
}

TEST_CASE_METHOD(
    Host, "over a network only the nodes named may call, with a certificate that is in force") {
  const tests::TestPki pki;
  const transport::TlsFiles server = pki.Server();
  const std::string tls =
      absl::StrCat("listen: \"127.0.0.1:0\", tls: {certificate_file: \"", server.certificate_chain,
                   "\", key_file: \"", server.private_key, "\", client_ca_file: \"", server.peer_ca,
                   "\", callers: ");
  const auto call = [&](const transport::TlsFiles& client) {
    Connect(absl::StrCat("127.0.0.1:", host->ports()[0]),
            transport::ChannelTls{.files = client, .server_name = "localhost", .server_uri = ""});
    return Call(kVerify, Verify()).end.status.code;
  };
  Start(tls + "[\"VN:GOV:H55:mot-cua\"]}");
  CHECK(call(pki.Client()) == 0);
  CHECK(call(pki.ExpiredClient()) == 16);
  CHECK(call(pki.ForeignClient()) == 14);
  loops_.loop(0).RunAndWait([this] { channel_.reset(); });
  host.reset();
  Start(tls + "[\"VN:GOV:G01:ndxp\"]}");
  CHECK(call(pki.Client()) == 7);
}

TEST_CASE_METHOD(Host, "a host drains") {
  const std::string socket = "unix:" + directory.File("p.sock");
  Start(absl::StrCat("listen: \"", socket, "\""));
  Connect(socket);
  CHECK(Call(kVerify, Verify()).end.status.ok());
  CHECK(host->Drain());
  CHECK(Call(kVerify, Verify()).end.status.code == 14);
}

TEST_CASE_METHOD(Host, "with a signing key, answers to exchanges are signed as they went out") {
  const auto pem = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'k'))->ToPem();
  REQUIRE(crypto::WriteKeyFile(directory.File("sign.pem"), pem.view()).ok());
  const std::string socket = "unix:" + directory.File("p.sock");
  Start(absl::StrCat("signing_key_file: sign.pem, listen: \"", socket, "\""));
  Connect(socket);
  const char* const id = "0197a0c8-0000-7000-8000-000000000001";
  auto answer = Call(kVerify, Verify(), {{"ndx-exchange-id", id}});
  REQUIRE(answer.end.status.ok());
  const std::string* const text = answer.end.trailers.Find("ndx-signature-bin");
  REQUIRE(text != nullptr);
  const auto parsed = crypto::ExchangeSignature::Parse(*text, crypto::SignedAs::kAnswer);
  REQUIRE(std::holds_alternative<crypto::ExchangeSignature>(parsed));
  const auto key = crypto::SigningPrivateKey::FromPem(pem.view());
  CHECK(std::get<crypto::ExchangeSignature>(parsed).Verify(
            {.exchange_id = id,
             .method = kVerify,
             .body_sha256 = crypto::BodyDigest::Of(answer.messages.at(0))},
            key->public_key()) == std::nullopt);
  // No exchange, no answer, nothing to sign.
  CHECK(Call(kVerify, Verify()).end.trailers.Find("ndx-signature-bin") == nullptr);
  auto wrong = Verify();
  wrong.clear_full_name();
  answer = Call(kVerify, wrong, {{"ndx-exchange-id", id}});
  CHECK_FALSE(answer.end.status.ok());
  CHECK(answer.end.trailers.Find("ndx-signature-bin") == nullptr);
}

TEST_CASE_METHOD(Host, "a signing key that cannot be read is said to be so at the start") {
  const auto start = [&] {
    const auto settings = ReadHostSettings(
        Write("s.yaml",
              "adapters: [{kind: echo, listen: \"unix:e.sock\", signing_key_file: e.pem}]"),
        {});
    REQUIRE(settings.ok());
    return std::string(AdapterHost(clock_, random_, log_).Start(*settings).message());
  };
  CHECK_THAT(start(), Catch::Contains("echo: signing_key_file: ") && Catch::Contains("e.pem"));
  REQUIRE(crypto::WriteKeyFile(directory.File("e.pem"), "no key").ok());
  CHECK_THAT(start(), Catch::Contains("not an unencrypted PEM private key"));
}

TEST_CASE_METHOD(Host, "a configuration that cannot be right is refused with its reason") {
  const auto says = [&](const std::string& yaml, const std::vector<std::string>& names) {
    return std::string(ReadHostSettings(Write("h.yaml", yaml), names).status().message());
  };
  const std::string one = "{kind: population, config_file: population.yaml, listen: \"unix:/a\"}";
  CHECK(says("adapters: [" + one + "]", {}).empty());
  CHECK(says("adapters: [" + one + "," + one + "]", {}).find("two adapters named population") !=
        std::string::npos);
  CHECK(says("adapters: [" + one + ", {kind: land, config_file: x, listen: \"unix:/a\"}]", {})
            .find("listen on") != std::string::npos);
  CHECK(says("adapters: [" + one + "]", {"land"}).find("named are: population") !=
        std::string::npos);
  CHECK(says("adapters: []", {}).find("adapters") != std::string::npos);
  const auto two = ReadHostSettings(
      Write("h.yaml", "adapters: [" + one + ", {kind: land, config_file: x, listen: \"unix:/b\"}]"),
      {"land"});
  REQUIRE(two.ok());
  REQUIRE(two->adapters_size() == 1);
  CHECK(two->adapters(0).name() == "land");
  AdapterHost wrong(clock_, random_, log_);
  auto settings = *ReadHostSettings(
      Write("h.yaml", "adapters: [{kind: tax, config_file: x, listen: \"unix:/b\"}]"), {});
  CHECK(wrong.Start(settings).code() == absl::StatusCode::kNotFound);
  settings =
      *ReadHostSettings(Write("h.yaml", "adapters: [{kind: land, listen: \"unix:/b\"}]"), {});
  CHECK(std::string(AdapterHost(clock_, random_, log_).Start(settings).message())
            .find("config_file: is required") != std::string::npos);
}

}  // namespace
}  // namespace ndx::host
