#include "ndx/broker/relay_answer.h"

#include <catch2/catch.hpp>
#include <functional>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ndx/broker/error_answer.h"
#include "ndx/core/refusal_details.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/sealing.h"
#include "ndx/tests/support/error_reading.h"
#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

constexpr char kInsurerNode[] = "VN:GOV:G24:bhxh";

crypto::Ed25519PrivateKey JournalKey(char seed) {
  return crypto::Ed25519PrivateKey::FromSeed(std::string(crypto::kEd25519KeyBytes, seed)).value();
}

// mot-cua's exchange, answered by the insurer's node, whose journal signs with a key of its own.
class RelayAnswerFixture : public tests::ExchangeFixture {
 public:
  explicit RelayAnswerFixture(const std::string& method = "Read") : ExchangeFixture(method) {
    peer.system = registry->FindSystem(kInsurerNode);
    peer.journal_keys = {journal::NoteSigner::Create(kJournal, JournalKey('o'))->verifier().vkey(),
                         signer.verifier().vkey()};
    provider.system = registry->FindSystem("VN:GOV:G01:ledger");
    provider.via = &peer;
    x->route.provider = &provider;
    x->relay_path = {tests::LedgerNode()};
    x->provider_nanos = 5'000'000;
    x->answer = {transport::MakeMessage(tests::EntryBytes("k", "s", "050"))};
    leaf.set_leaf_version(journal::kLeafVersion);
    leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
    leaf.set_exchange_id(std::string(x->id.bytes()));
    leaf.set_consumer("VN:GOV:H55:mot-cua");
    leaf.set_provider("VN:GOV:G01:ledger");
    leaf.set_method(tests::LedgerMethod(method));
    leaf.add_relay_path(tests::LedgerNode());
    leaf.add_relay_path(kInsurerNode);
    leaf.set_duration_us(2'000);
    Commit(*x->request, x->route.method->input, leaf.mutable_request(),
           opening.mutable_request_salts());
    Commit(*x->answer.front(), x->route.method->output, leaf.mutable_response(),
           opening.mutable_response_salts());
  }

  static void Commit(const std::string& message, const google::protobuf::Descriptor* type,
                     journal::v1::PayloadCommitment* commitment,
                     google::protobuf::RepeatedPtrField<std::string>* salts) {
    std::vector<journal::Part> parts;
    REQUIRE(journal::CutPlan(type).Cut(message, &parts).ok());
    REQUIRE(parts.size() == 1);
    *salts->Add() = std::string(32, 'a');
    const auto root = journal::PartCommitment(std::string(32, 'a'), parts[0].plaintext);
    commitment->set_root(root.data(), root.size());
    commitment->set_parts(1);
    commitment->set_messages(1);
    commitment->set_bytes(message.size());
  }

  // The receipt of the leaf as it is now, alone in its journal.
  std::string Receipt() {
    journal::Receipt receipt{.opening = opening};
    receipt.opening.set_leaf(journal::EncodeLeaf(leaf).value());
    receipt.checkpoint = journal::SignCheckpoint(
        {.origin = kJournal,
         .head = {.size = 1, .root = journal::LeafHash(receipt.opening.leaf())}},
        signer);
    return journal::FormatReceipt(receipt);
  }
  std::string ReasonOf(const std::string& receipt) {
    x->next_receipt = receipt;
    const auto refusal = CheckNextReceipt(*x, hops, known);
    return refusal.has_value() ? core::ReasonName(refusal->reason) : "";
  }

  static constexpr char kJournal[] = "nation.example.vn/journal/1";
  const journal::NoteSigner signer = journal::NoteSigner::Create(kJournal, JournalKey('j')).value();
  registry::PeerEntry peer;
  registry::ProviderEntry provider;
  journal::v1::JournalLeaf leaf;
  exchange::v1::ReceiptOpening opening;
  HopTimes hops;
  journal::KnownCheckpoints known;
};

TEST_CASE("a receipt proves the answer, by any key of the peer's journal, and tells the hop") {
  RelayAnswerFixture f;
  CHECK(f.ReasonOf(f.Receipt()).empty());
  CHECK(f.hops.Of(kInsurerNode) == 3'000'000);
}

TEST_CASE("an answer needs a receipt, an error does not") {
  RelayAnswerFixture f;
  CHECK(f.ReasonOf("") == "RELAY_RECEIPT_MISSING");
  f.x->status.code = 14;
  CHECK(f.ReasonOf("").empty());
}

TEST_CASE("a receipt of anything else proves nothing") {
  struct Case {
    const char* name;
    std::function<void(RelayAnswerFixture&)> change;
  };
  const Case cases[] = {
      {"of another exchange",
       [](RelayAnswerFixture& f) { f.leaf.mutable_exchange_id()->back() ^= 1; }},
      {"of another method",
       [](RelayAnswerFixture& f) { f.leaf.set_method(tests::LedgerMethod("Note")); }},
      {"of another consumer", [](RelayAnswerFixture& f) { f.leaf.set_consumer(kInsurerNode); }},
      {"of another provider", [](RelayAnswerFixture& f) { f.leaf.set_provider(kInsurerNode); }},
      {"by another way", [](RelayAnswerFixture& f) { f.leaf.set_relay_path(0, kInsurerNode); }},
      {"of the peer alone",
       [](RelayAnswerFixture& f) { f.leaf.mutable_relay_path()->RemoveLast(); }},
      {"of a refusal",
       [](RelayAnswerFixture& f) { f.leaf.set_event(journal::v1::JOURNAL_EVENT_REFUSED); }},
      {"of an error", [](RelayAnswerFixture& f) { f.leaf.set_grpc_status(5); }},
      {"of another request",
       [](RelayAnswerFixture& f) { f.x->request = transport::MakeMessage(tests::AskBytes("x")); }},
      {"of another answer",
       [](RelayAnswerFixture& f) {
         f.x->answer = {transport::MakeMessage(tests::EntryBytes("k", "t", "050"))};
       }},
      {"whose salts are gone", [](RelayAnswerFixture& f) { f.opening.clear_response_salts(); }},
      {"by nobody's key", [](RelayAnswerFixture& f) { f.peer.journal_keys.pop_back(); }},
  };
  for (const Case& each : cases) {
    CAPTURE(each.name);
    RelayAnswerFixture f;
    each.change(f);
    CHECK(f.ReasonOf(f.Receipt()) == "RELAY_RECEIPT_INVALID");
  }
  RelayAnswerFixture f;
  CHECK(f.ReasonOf("no receipt") == "RELAY_RECEIPT_INVALID");
  std::string bent = f.Receipt();
  bent[bent.find("extra ") + 20] ^= 1;
  CHECK(f.ReasonOf(bent) == "RELAY_RECEIPT_INVALID");
}

TEST_CASE("of a stream its number of messages and bytes is held against the record") {
  RelayAnswerFixture f("List");
  f.leaf.mutable_response()->set_messages(3);
  f.leaf.mutable_response()->set_bytes(30);
  f.x->streamed = {.messages = 3, .bytes = 30};
  CHECK(f.ReasonOf(f.Receipt()).empty());
  f.x->streamed.bytes = 31;
  CHECK(f.ReasonOf(f.Receipt()) == "RELAY_RECEIPT_INVALID");
  f.x->streamed = {.messages = 2, .bytes = 30};
  CHECK(f.ReasonOf(f.Receipt()) == "RELAY_RECEIPT_INVALID");
}

TEST_CASE("a peer's error keeps its reason, and says at which node it arose") {
  const core::ExchangeId id;
  registry::SystemEntry system{.id = core::SystemId::Parse(kInsurerNode).value()};
  const registry::MemberEntry member{.name_vi = "Bảo hiểm xã hội"};
  system.member = &member;
  const registry::PeerEntry peer{.system = &system};
  const core::Refusal quota{.reason = exchange::v1::ERROR_REASON_QUOTA_USED,
                            .retry_after = absl::Seconds(3)};
  const auto own = PeerErrorOf(RenderRefusal(quota, id, kInsurerNode), peer);
  CHECK(own.refusal.reason == exchange::v1::ERROR_REASON_QUOTA_USED);
  CHECK(own.refusal.grpc_code == 8);
  CHECK(own.node == kInsurerNode);
  const auto behind = PeerErrorOf(RenderRefusal(quota, id, "VN:GOV:G98:truc"), peer);
  CHECK(behind.node == "VN:GOV:G98:truc");
  const auto contact = PeerErrorOf(RenderRefusal(quota, id, "Trung tâm"), peer);
  CHECK(contact.node == kInsurerNode);
  const auto passed = RenderPeerError(RenderRefusal(quota, id, "VN:GOV:G98:truc"), behind.node);
  CHECK(passed.code == 8);
  const auto read = tests::ReadErrorOf(passed);
  CHECK(read.reason() == "QUOTA_USED");
  CHECK(read.metadata.at("node") == "VN:GOV:G98:truc");
}

TEST_CASE("an error that is no node's is the peer's fault") {
  registry::SystemEntry system{.id = core::SystemId::Parse(kInsurerNode).value()};
  const registry::MemberEntry member{.name_vi = "Bảo hiểm xã hội"};
  system.member = &member;
  const registry::PeerEntry peer{.system = &system};
  google::rpc::Status other;
  google::rpc::ErrorInfo info;
  info.set_domain("example.com");
  info.set_reason("QUOTA_USED");
  other.add_details()->PackFrom(info);
  for (const std::string& details :
       {std::string(), std::string("\xFF"), other.SerializeAsString()}) {
    const auto error = PeerErrorOf({.code = 14, .message = "away", .details_bin = details}, peer);
    CHECK(error.refusal.reason == exchange::v1::ERROR_REASON_RELAY_PEER_FAULT);
    CHECK(error.node.empty());
  }
}

TEST_CASE("one receipt comes with an answer") {
  CHECK(ReceiptIn({{"ndx-receipt-bin", "r"}}) == "r");
  CHECK(ReceiptIn({}).empty());
  CHECK(ReceiptIn({{"ndx-receipt-bin", "r"}, {"ndx-receipt-bin", "s"}}).empty());
}

}  // namespace
}  // namespace ndx::broker
