#include "ndx/tools/ledgerload/load_ledger.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tools::ledgerload {
namespace {

core::ExchangeId NewId() {
  static const tests::FakeClock kClock;
  static tests::FakeRandom random;
  return core::ExchangeId::Generate(kClock, random);
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Append(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::app | std::ios::binary) << text;
}

TEST_CASE("ledger: what is written is read back, in the format of the README") {
  const tests::TempDir dir;
  const std::string path = dir.File("ledger");
  const core::ExchangeId read = NewId();
  const core::ExchangeId change = NewId();
  const core::ExchangeId pending = NewId();
  const ReceiptRecord record{change.ToString(), "receipt", std::string("re\0quest", 8), ""};
  {
    auto ledger = LoadLedger::Open(path);
    REQUIRE(ledger.ok());
    REQUIRE((*ledger)->Sent(read, ExchangeKind::kRead).ok());
    REQUIRE((*ledger)->Sent(change, ExchangeKind::kChange).ok());
    REQUIRE((*ledger)->Acked(read, 7, {}, "reason=NO_GRANT").ok());
    REQUIRE((*ledger)->Lost(change, false).ok());
    REQUIRE((*ledger)->Resent(change).ok());
    REQUIRE((*ledger)->Lost(change, true).ok());
    REQUIRE((*ledger)->Resent(change).ok());
    // Complete after every call, without closing.
    CHECK(ReadLedger(path).ok());
    REQUIRE((*ledger)->Acked(change, 0, record, "registered=17").ok());
    REQUIRE((*ledger)->Sent(pending, ExchangeKind::kRead).ok());
  }
  CHECK(Contents(path) == "sent " + read.ToString() + " read\nsent " + change.ToString() +
                              " change\nacked " + read.ToString() + " 7 - reason=NO_GRANT\nlost " +
                              change.ToString() + " not-sent\nresent " + change.ToString() +
                              "\nlost " + change.ToString() + " unknown\nresent " +
                              change.ToString() + "\nacked " + change.ToString() +
                              " 0 0 registered=17\nsent " + pending.ToString() + " read\n");
  const auto ledger = ReadLedger(path);
  REQUIRE(ledger.ok());
  REQUIRE(ledger->size() == 3);
  const LedgerEntry& refused = ledger->at(read.ToString());
  CHECK(refused.kind == ExchangeKind::kRead);
  CHECK(refused.status == 7);
  CHECK_FALSE(refused.has_receipt);
  CHECK(refused.note == "reason=NO_GRANT");
  const LedgerEntry& registered = ledger->at(change.ToString());
  CHECK(registered.kind == ExchangeKind::kChange);
  CHECK(registered.sendings == 3);
  CHECK(registered.losses == 2);
  CHECK(registered.maybe_carried_out);
  CHECK(registered.acked);
  REQUIRE(registered.has_receipt);
  const auto kept = ReadReceipt(path, registered.receipt_offset);
  REQUIRE(kept.ok());
  CHECK(*kept == record);
  CHECK_FALSE(ledger->at(pending.ToString()).acked);
}

TEST_CASE("ledger: a second source appends, and its receipts begin where the first ended") {
  const tests::TempDir dir;
  const std::string path = dir.File("ledger");
  for (const std::string receipt : {"first", "second one", ""}) {
    const core::ExchangeId id = NewId();
    auto ledger = LoadLedger::Open(path);
    REQUIRE(ledger.ok());
    REQUIRE((*ledger)->Sent(id, ExchangeKind::kRead).ok());
    REQUIRE((*ledger)->Acked(id, 0, {id.ToString(), receipt, "q", "a"}, "").ok());
    const auto back = ReadLedger(path);
    REQUIRE(back.ok());
    const LedgerEntry& entry = back->at(id.ToString());
    CHECK(entry.has_receipt == !receipt.empty());
    if (entry.has_receipt) CHECK(ReadReceipt(path, entry.receipt_offset)->receipt == receipt);
  }
}

TEST_CASE("ledger: a last line cut off is passed over, anything else that is no line is an error") {
  const tests::TempDir dir;
  const std::string id = NewId().ToString();
  const std::string sent = "sent " + id + " read\n";
  struct Case {
    std::string text;
    bool ok;
  };
  int number = 0;
  // "#" stands for the exchange id, "@" for its sent line.
  for (Case c : std::vector<Case>{{"@acked 0197", true},
                                  {"@acked # 0 -\n", true},
                                  {"@acked # 0\n", false},
                                  {"@acked # zero -\n", false},
                                  {"@acked # 0 x\n", false},
                                  {"@acked # 0 - a b\n", false},
                                  {"@acked # 0 -\nlost # unknown\n", false},
                                  {"@@", false},
                                  {"@lost # maybe\n", false},
                                  {"acked # 0 -\n", false},
                                  {"sent # write\n", false},
                                  {"sent x read\n", false},
                                  {"\n", false}}) {
    absl::StrReplaceAll({{"@", sent}, {"#", id}}, &c.text);
    INFO(c.text);
    const std::string path = dir.File(std::to_string(number++));
    Append(path, c.text);
    CHECK(ReadLedger(path).ok() == c.ok);
  }
  CHECK(ReadLedger(dir.File("none")).status().code() == absl::StatusCode::kUnavailable);
}

TEST_CASE("ledger: a receipt that is cut off or not there is an error") {
  const tests::TempDir dir;
  const std::string path = dir.File("ledger");
  Append(path + ".receipts", std::string("\0\0\0\5ab", 6));
  CHECK(ReadReceipt(path, 0).status().code() == absl::StatusCode::kDataLoss);
  CHECK(ReadReceipt(path, 6).status().code() == absl::StatusCode::kDataLoss);
  CHECK(ReadReceipt(path, 600).status().code() == absl::StatusCode::kDataLoss);
  Append(path + ".receipts", std::string("cde\xFF\xFF\xFF\xFF", 7));
  CHECK(ReadReceipt(path, 9).status().code() == absl::StatusCode::kDataLoss);
  CHECK(ReadReceipt(dir.File("none"), 0).status().code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("ledger: one that cannot be opened says so") {
  const tests::TempDir dir;
  CHECK(LoadLedger::Open(dir.File("no/such")).status().code() == absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace ndx::tools::ledgerload
