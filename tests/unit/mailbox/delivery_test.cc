#include "ndx/mailbox/delivery.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/mem_journal_reader.h"

namespace ndx::mailbox {
namespace {

struct Submitted {
  Submitted() {
    journal::v1::SubmittedContext context;
    context.set_dossier("H55-1");
    context.set_officer("CB-1");
    context.set_order_key("D1");
    auto& entry = *context.add_metadata();
    entry.set_key("x-app");
    entry.set_value("own");
    record.leaf.set_event(journal::v1::JOURNAL_EVENT_SUBMITTED);
    record.leaf.set_exchange_id(std::string(16, '\x11'));
    record.leaf.set_consumer("VN:GOV:H55:mot-cua");
    record.leaf.set_provider("VN:GOV:G01:ledger");
    record.leaf.set_method("/ledger.v1.LedgerService/Change");
    record.leaf.set_purpose("tthc");
    record.leaf.set_face(journal::v1::FACE_GRPC);
    record.request.emplace();
    record.request->messages = {std::make_shared<const std::string>("request")};
    record.consumer_signature = context.SerializeAsString();
  }

  absl::StatusOr<std::shared_ptr<broker::Exchange>> Make() {
    journal.Append(std::move(record), [](const auto&) {});
    return MakeDelivery(*reader.Leaf(0), 4, reader, loop.loop(), caller);
  }

  tests::LoopThread loop;
  tests::MemJournal journal;
  tests::MemJournalReader reader{journal};
  DeliveryCaller caller{[](const DeliveryEnd&) {}};
  journal::Record record;
};

TEST_CASE("a delivery is made of what was recorded, in its consumer's name and under its id") {
  Submitted f;
  f.record.leaf.set_signature_key_id("key");
  f.record.leaf.mutable_officer()->set_proved(true);
  const auto made = f.Make();
  REQUIRE(made.ok());
  const broker::Exchange& x = **made;
  REQUIRE(x.delivery.has_value());
  CHECK(x.delivery->consumer.text() == "VN:GOV:H55:mot-cua");
  CHECK(x.delivery->submitted_leaf == 0);
  CHECK(x.delivery->attempts_before == 4);
  CHECK(x.delivery->request_signed);
  CHECK(x.officer_proved);
  CHECK(x.made_by_node());
  CHECK(x.path == "/ledger.v1.LedgerService/Change");
  CHECK(*x.request == "request");
  CHECK(x.request_complete);
  CHECK(*x.metadata.Find("ndx-exchange-id") == "11111111-1111-1111-1111-111111111111");
  CHECK(*x.metadata.Find("ndx-provider") == "VN:GOV:G01:ledger");
  CHECK(*x.metadata.Find("ndx-purpose") == "tthc");
  CHECK(*x.metadata.Find("ndx-dossier") == "H55-1");
  CHECK(*x.metadata.Find("ndx-officer") == "CB-1");
  CHECK(*x.metadata.Find("x-app") == "own");
  CHECK(x.metadata.Find("ndx-signature-bin") == nullptr);
}

TEST_CASE("what cannot be read whole is not delivered") {
  Submitted f;
  SECTION("no request") { f.record.request.reset(); }
  SECTION("no context") { f.record.consumer_signature = "\xff"; }
  CHECK(absl::IsNotFound(f.Make().status()));
}

TEST_CASE("whoever made it is told how it ended") {
  tests::LoopThread loop;
  std::optional<DeliveryEnd> end;
  auto caller = std::make_shared<DeliveryCaller>([&](const DeliveryEnd& told) { end = told; });
  auto exchange = std::make_shared<broker::Exchange>(loop.loop(), *caller);
  exchange->outcome = broker::Outcome::kRefused;
  exchange->refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_QUOTA_USED,
                                    .retry_after = absl::Seconds(3)};
  caller->Take(exchange);
  caller->Finish({.code = 8}, {});
  REQUIRE(end.has_value());
  CHECK(end->outcome == broker::Outcome::kRefused);
  CHECK(end->grpc_status == 8);
  CHECK(end->reason == exchange::v1::ERROR_REASON_QUOTA_USED);
  CHECK(end->retry_after == absl::Seconds(3));
  CHECK(caller->exchange() == nullptr);
}

}  // namespace
}  // namespace ndx::mailbox
