#include "ndx/broker/node_service.h"

#include <catch2/catch.hpp>

#include "ndx/exchange/v1/exchange_service.pb.h"
#include "ndx/registry/service_config.h"
#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

class KeptReply final : public sdk::AdapterReply {
 public:
  std::vector<std::string> messages;
  std::optional<absl::Status> status;

 private:
  void DeliverMessage(sdk::MessageBytes message) override { messages.push_back(*message); }
  void DeliverFinish(absl::Status with) override { status = std::move(with); }
};

class NodeServiceFixture : public tests::ExchangeFixture {
 public:
  std::shared_ptr<KeptReply> Ask(const std::string& method, const std::string& body,
                                 const std::string& consumer) {
    auto reply = std::make_shared<KeptReply>();
    sdk::AdapterCall call{.method = method, .request = transport::MakeMessage(body)};
    call.metadata = {{"ndx-consumer", consumer}};
    service.Begin(std::move(call), reply);
    return reply;
  }
  std::string Append(const std::string& consumer) {
    const auto id = core::ExchangeId::Generate(loop.clock(), random);
    journal::Record record;
    record.leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
    record.leaf.set_consumer(consumer);
    record.leaf.set_exchange_id(std::string(id.bytes()));
    journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
    return id.ToString();
  }

  registry::Registry in_force{registry};
  NodeService service{journal, in_force, nullptr, loop.clock()};
};

constexpr char kGetReceipt[] = "/ndx.exchange.v1.ExchangeService/GetReceipt";
constexpr char kConsumer[] = "VN:GOV:H55:mot-cua";

std::string RequestFor(const std::string& id) {
  exchange::v1::GetReceiptRequest request;
  request.set_exchange_id(id);
  return request.SerializeAsString();
}

TEST_CASE("a consumer gets the receipt of its own exchange, and of no other's") {
  NodeServiceFixture f;
  const std::string id = f.Append(kConsumer);
  const auto reply = f.Ask(kGetReceipt, RequestFor(id), kConsumer);
  REQUIRE(reply->status.has_value());
  CHECK(reply->status->ok());
  exchange::v1::GetReceiptResponse answer;
  REQUIRE(answer.ParseFromString(reply->messages.at(0)));
  CHECK(answer.receipt().exchange_id() == id);
  CHECK(answer.receipt().tlog_proof() == "receipt of leaf 0");
  CHECK(f.Ask(kGetReceipt, RequestFor(id), "VN:GOV:G24:bhxh")->status->code() ==
        absl::StatusCode::kNotFound);
}

TEST_CASE("a consumer gets the service configuration of what it is granted") {
  NodeServiceFixture f;
  const auto reply = f.Ask("/ndx.exchange.v1.ExchangeService/GetServiceConfig", "", kConsumer);
  REQUIRE(reply->status.has_value());
  CHECK(reply->status->ok());
  exchange::v1::GetServiceConfigResponse answer;
  REQUIRE(answer.ParseFromString(reply->messages.at(0)));
  CHECK(answer.json() == registry::ServiceConfigFor(*f.registry, kConsumer));
}

TEST_CASE("what it cannot answer it says, without repeating what was sent") {
  NodeServiceFixture f;
  CHECK(f.Ask("/ndx.exchange.v1.ExchangeService/Other", "", kConsumer)->status->code() ==
        absl::StatusCode::kUnimplemented);
  CHECK(f.Ask(kGetReceipt, "\xff", kConsumer)->status->code() ==
        absl::StatusCode::kInvalidArgument);
  const auto bad = f.Ask(kGetReceipt, RequestFor("012345678901"), kConsumer);
  CHECK(bad->status->code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(bad->status->message()).find("012345678901") == std::string::npos);
}

TEST_CASE("it says which service it serves") {
  NodeServiceFixture f;
  CHECK(f.service.descriptor().services ==
        std::vector<std::string>{"ndx.exchange.v1.ExchangeService"});
}

}  // namespace
}  // namespace ndx::broker
