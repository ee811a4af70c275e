#include "ndx/adapters/sdk/typed_adapter.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/land/v1/land_service.pb.h"
#include "ndx/tests/support/adapter_caller.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::sdk {
namespace {

using google::protobuf::Message;
using land::v1::GetParcelRequest;
using land::v1::GetParcelResponse;
using land::v1::RegisterChangeRequest;
using land::v1::RegisterChangeResponse;
using tests::Ask;
using tests::CallOf;

constexpr char kGetParcel[] = "/ndx.land.v1.LandService/GetParcel";
constexpr char kRegister[] = "/ndx.land.v1.LandService/RegisterChange";
constexpr char kHealth[] = "/ndx.adapter.v1.AdapterService/CheckHealth";
constexpr char kExchange[] = "/ndx.adapter.v1.AdapterService/GetExchangeStatus";

// Answers at once, or holds every call until it is let go.
class FakeBackend final : public AdapterBackend {
 public:
  absl::Status CheckDatabase(CallContext&) override {
    core::MutexLock lock(mutex_);
    return database_;
  }
  absl::StatusOr<adapter::v1::GetExchangeStatusResponse> FindExchange(absl::string_view key,
                                                                      CallContext&) override {
    adapter::v1::GetExchangeStatusResponse answer;
    answer.set_outcome(key == "done" ? adapter::v1::EXCHANGE_OUTCOME_DONE
                                     : adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
    return answer;
  }

  absl::Status GetParcel(const GetParcelRequest& request, GetParcelResponse& answer, CallContext&) {
    if (request.parcel_id() == "large") {
      answer.mutable_parcel()->set_address(std::string((size_t{4} << 20) + 1, 'x'));
    }
    answer.mutable_parcel()->set_parcel_id(request.parcel_id());
    return request.parcel_id() == "down" ? absl::UnavailableError("down") : absl::OkStatus();
  }
  absl::Status RegisterChange(const RegisterChangeRequest&, RegisterChangeResponse& answer,
                              CallContext&) {
    core::MutexLock lock(mutex_);
    ++entered_;
    changed_.NotifyAll();
    while (held_) changed_.Wait(mutex_);
    answer.set_outcome(land::v1::REGISTER_CHANGE_OUTCOME_REGISTERED);
    return absl::OkStatus();
  }

  void Hold(bool held) {
    core::MutexLock lock(mutex_);
    held_ = held;
    changed_.NotifyAll();
  }
  void AwaitEntered(int count) {
    core::MutexLock lock(mutex_);
    while (entered_ < count) changed_.Wait(mutex_);
  }
  int entered() {
    core::MutexLock lock(mutex_);
    return entered_;
  }
  void SetDatabase(absl::Status status) {
    core::MutexLock lock(mutex_);
    database_ = std::move(status);
  }

 private:
  core::Mutex mutex_;
  core::CondVar changed_;
  bool held_ = false;
  int entered_ = 0;
  absl::Status database_;
};

class Fixture {
 public:
  Fixture() {
    const auto& service = *GetParcelRequest::descriptor()->file()->FindServiceByName("LandService");
    auto owned = std::make_unique<FakeBackend>();
    backend = owned.get();
    MethodTable methods(service);
    methods.Unary("GetParcel", *backend, &FakeBackend::GetParcel);
    methods.Unary("RegisterChange", *backend, &FakeBackend::RegisterChange);
    const auto nothing = [](const Message&, Message&, CallContext&) { return absl::OkStatus(); };
    for (const char* name : {"GetCertificate", "ListParcelsOfHolder", "ListChanges"}) {
      methods.AddUnary(name, nothing);
    }
    AdapterDescriptor descriptor;
    descriptor.name = "land";
    descriptor.services = {service.full_name()};
    TypedAdapterOptions options;
    options.workers = {.threads = 1, .queue_max = 2};
    adapter = std::make_unique<TypedAdapter>(clock, std::move(descriptor), std::move(methods),
                                             std::move(owned), std::move(options));
  }

  static RegisterChangeRequest Change() {
    RegisterChangeRequest request;
    request.set_parcel_id("p");
    request.set_expected_version(1);
    request.set_kind(land::v1::CHANGE_KIND_ADDRESS);
    request.set_dossier_code("d");
    request.set_content("c");
    return request;
  }

  std::shared_ptr<tests::KeptReply> Begin(AdapterCall call) {
    auto reply = std::make_shared<tests::KeptReply>();
    adapter->Begin(std::move(call), reply);
    return reply;
  }

  adapter::v1::ExchangeOutcome OutcomeOf(const std::string& id) {
    adapter::v1::GetExchangeStatusRequest request;
    request.set_exchange_id(id);
    return Ask<adapter::v1::GetExchangeStatusResponse>(*adapter, CallOf(kExchange, request))
        ->outcome();
  }

  adapter::v1::CheckHealthResponse Health() {
    return *Ask<adapter::v1::CheckHealthResponse>(
        *adapter, CallOf(kHealth, adapter::v1::CheckHealthRequest()));
  }

  tests::FakeClock clock;
  FakeBackend* backend = nullptr;
  std::unique_ptr<TypedAdapter> adapter;
};

TEST_CASE_METHOD(Fixture, "a request is parsed, checked, served and counted") {
  GetParcelRequest request;
  request.set_parcel_id("000-P1");
  CHECK(Ask<GetParcelResponse>(*adapter, CallOf(kGetParcel, request))->parcel().parcel_id() ==
        "000-P1");
  request.set_parcel_id("down");
  CHECK(Ask<GetParcelResponse>(*adapter, CallOf(kGetParcel, request)).status().code() ==
        absl::StatusCode::kUnavailable);
  request.set_parcel_id("large");
  CHECK(Ask<GetParcelResponse>(*adapter, CallOf(kGetParcel, request)).status().code() ==
        absl::StatusCode::kResourceExhausted);
  AdapterCall garbage = CallOf(kGetParcel, request);
  garbage.request = std::make_shared<const std::string>("\x07\xFF\xFF");
  CHECK(Begin(garbage)->Await().code() == absl::StatusCode::kInvalidArgument);
  garbage.request = nullptr;
  CHECK(Begin(garbage)->Await().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Begin(CallOf(kRegister, RegisterChangeRequest()))->Await().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(Begin(CallOf("/ndx.land.v1.LandService/Drop", request))->Await().code() ==
        absl::StatusCode::kUnimplemented);
  const auto health = Health();
  CHECK(health.calls().size() == 1);
  CHECK(health.calls().at("ndx.land.v1.LandService.GetParcel") == 1);
}

TEST_CASE_METHOD(Fixture, "a full queue refuses at once; health and outcomes are still told") {
  backend->Hold(true);
  auto running = Begin(CallOf(kRegister, Change(), "one"));
  backend->AwaitEntered(1);
  auto first = Begin(CallOf(kRegister, Change(), "two"));
  auto second = Begin(CallOf(kRegister, Change(), "three"));
  auto refused = Begin(CallOf(kRegister, Change(), "four"));
  CHECK(refused->Await().code() == absl::StatusCode::kResourceExhausted);
  CHECK(Health().serving());
  CHECK(OutcomeOf("one") == adapter::v1::EXCHANGE_OUTCOME_RUNNING);
  CHECK(OutcomeOf("three") == adapter::v1::EXCHANGE_OUTCOME_RUNNING);
  CHECK(OutcomeOf("four") == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
  CHECK(OutcomeOf("done") == adapter::v1::EXCHANGE_OUTCOME_DONE);
  backend->Hold(false);
  CHECK(running->Await().ok());
  CHECK(first->Await().ok());
  CHECK(second->Await().ok());
  CHECK(OutcomeOf("one") == adapter::v1::EXCHANGE_OUTCOME_NOT_DONE);
}

TEST_CASE_METHOD(Fixture,
                 "a call whose deadline passes in the queue, or whose caller goes, is not run") {
  backend->Hold(true);
  auto running = Begin(CallOf(kRegister, Change(), "one"));
  backend->AwaitEntered(1);
  AdapterCall late = CallOf(kRegister, Change(), "two");
  late.deadline_nanos = clock.MonotonicNanos() + 1'000'000;
  auto expired = Begin(late);
  auto gone = Begin(CallOf(kRegister, Change(), "three"));
  gone->Cancel();
  clock.Advance(absl::Milliseconds(1));
  backend->Hold(false);
  CHECK(running->Await().ok());
  CHECK(expired->Await().code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(gone->Await().code() == absl::StatusCode::kCancelled);
  CHECK(backend->entered() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "destroying the adapter ends the running call and refuses the waiting ones") {
  backend->Hold(true);
  auto running = Begin(CallOf(kRegister, Change(), "one"));
  backend->AwaitEntered(1);
  auto waiting = Begin(CallOf(kRegister, Change(), "two"));
  std::thread end([&] { adapter.reset(); });
  backend->Hold(false);
  end.join();
  CHECK(running->Await().ok());
  const absl::Status status = waiting->Await();
  CHECK((status.ok() || status.code() == absl::StatusCode::kUnavailable));
}

TEST_CASE_METHOD(Fixture, "the idempotency key has a limit") {
  CHECK(
      Begin(CallOf(kRegister, Change(), std::string(kIdempotencyKeyBytesMax, 'k')))->Await().ok());
  CHECK(Begin(CallOf(kRegister, Change(), std::string(kIdempotencyKeyBytesMax + 1, 'k')))
            ->Await()
            .code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE_METHOD(Fixture, "health says since when, and the description names the service") {
  CHECK(Health().serving());
  const int64_t up_since = Health().since().seconds();
  clock.Advance(absl::Seconds(10));
  CHECK(Health().since().seconds() == up_since);
  backend->SetDatabase(absl::UnavailableError("no connection"));
  CHECK_FALSE(Health().serving());
  CHECK(Health().detail() == "no connection");
  CHECK(Health().since().seconds() == up_since + 10);
  const auto described = Ask<adapter::v1::DescribeResponse>(
      *adapter, CallOf("/ndx.adapter.v1.AdapterService/Describe", adapter::v1::DescribeRequest()));
  CHECK(described->name() == "land");
  REQUIRE(described->services_size() == 1);
  CHECK(described->services(0) == "ndx.land.v1.LandService");
}

}  // namespace
}  // namespace ndx::sdk
