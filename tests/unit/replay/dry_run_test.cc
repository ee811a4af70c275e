#include "ndx/replay/dry_run.h"

#include <catch2/catch.hpp>

#include "ndx/tests/unit/replay/replay_fixture.h"

namespace ndx::replay {
namespace {

using tests::ReplayFixture;

v1::ReplayItem ItemOf(core::ExchangeId id, const std::string& consumer = "VN:GOV:H55:mot-cua") {
  v1::ReplayItem item;
  item.set_exchange_id(std::string(id.bytes()));
  item.set_consumer(consumer);
  return item;
}

std::string Verdict(DryRun& dry_run, const v1::ReplayItem& item) {
  const auto refusal = dry_run.Judge(item);
  return refusal.has_value() ? core::ReasonName(refusal->reason) : "";
}

core::ExchangeId Recorded(ReplayFixture& f, const std::string& method, const std::string& purpose,
                          const std::string& body = tests::AskBytes("k"),
                          const std::string& consumer = "VN:GOV:H55:mot-cua") {
  const auto id = core::ExchangeId::Generate(f.clock, f.random);
  journal::Record record{
      .leaf = ReplayFixture::ExchangeLeaf(journal::v1::JOURNAL_EVENT_ANSWERED, id, method)};
  record.leaf.set_purpose(purpose);
  record.leaf.set_consumer(consumer);
  record.request.emplace().messages = {transport::MakeMessage(body)};
  f.journal.Append(std::move(record), [](const absl::StatusOr<journal::Appended>&) {});
  return id;
}

TEST_CASE("judged as of now: standing, route, rules, policy, schema; nothing is sent") {
  ReplayFixture f;
  DryRun dry_run(f.dry_run);
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Send", "tthc"))).empty());
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Read", "tthc"))).empty());
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Send", "thong-ke"))) == "PURPOSE_NOT_GRANTED");
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Gone", "tthc"))) == "METHOD_UNKNOWN");
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Small", "tthc"))) == "REPLAY_METHOD_NEVER");
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Change", "tthc"))) == "REPLAY_METHOD_NOT_IDEMPOTENT");
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Send", "tthc", ""))) == "FIELD_INVALID");
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Send", "tthc", "\x0a"))) == "REQUEST_UNREADABLE");
  const std::string gone = "VN:GOV:H55:khong-con";
  CHECK(Verdict(dry_run, ItemOf(Recorded(f, "Send", "tthc", tests::AskBytes("k"), gone), gone)) ==
        "CERTIFICATE_NOT_REGISTERED");
  CHECK(f.adapter->count() == 0);
}

TEST_CASE("the day's quota counts what was used and what was judged before") {
  ReplayFixture f(R"(
grants:
- name: few
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/Send"]
  quota: {per_day: 3}
  legal_basis: test
)");
  const std::string consumer = "VN:GOV:G24:bhxh";
  const registry::GrantEntry* const grant = f.registry.Current()->FindGrant("few");
  REQUIRE(grant != nullptr);
  CHECK_FALSE(f.limiter.Take(*grant, consumer, f.clock.Now(), f.clock.MonotonicNanos(), {}));
  const auto item = ItemOf(Recorded(f, "Send", "", tests::AskBytes("k"), consumer), consumer);
  DryRun dry_run(f.dry_run);
  CHECK(Verdict(dry_run, item).empty());
  CHECK(Verdict(dry_run, item).empty());
  CHECK(Verdict(dry_run, item) == "QUOTA_USED");
  DryRun another(f.dry_run);
  CHECK(Verdict(another, item).empty());
}

}  // namespace
}  // namespace ndx::replay
