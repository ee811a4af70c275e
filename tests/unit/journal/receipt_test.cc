#include "ndx/journal/receipt.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "memory_tree.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/sealing.h"

namespace ndx::journal {
namespace {

// A receipt made by hand for one leaf in a tree of three.
struct HandMade {
  HandMade() {
    leaf.set_leaf_version(1);
    leaf.set_event(v1::JOURNAL_EVENT_ANSWERED);
    Commit({"question"}, 'q', leaf.mutable_request(), receipt.opening.mutable_request_salts());
    Commit({"first", "second"}, 'a', leaf.mutable_response(),
           receipt.opening.mutable_response_salts());
    receipt.opening.set_signature_salt(std::string(32, 's'));
    const auto commitment = PartCommitment(receipt.opening.signature_salt(), "signature");
    leaf.set_signature_commitment(commitment.data(), commitment.size());
    Seal();
  }

  // Makes the receipt for the leaf as it is now.
  void Seal() {
    receipt.opening.set_leaf(EncodeLeaf(leaf).value());
    const TreeHash own = LeafHash(receipt.opening.leaf());
    const std::vector<TreeHash> leaves = {LeafHash("0"), own, LeafHash("2")};
    receipt.index = 1;
    receipt.proof = {leaves[0], leaves[2]};
    receipt.checkpoint = SignCheckpoint(
        {.origin = "node/journal/1", .head = {.size = 3, .root = RootOf(leaves)}}, signer);
  }

  static void Commit(const std::vector<std::string>& messages, char salt,
                     v1::PayloadCommitment* commitment,
                     google::protobuf::RepeatedPtrField<std::string>* salts) {
    std::vector<Part> parts;
    for (const std::string& message : messages) REQUIRE(CutPlan(nullptr).Cut(message, &parts).ok());
    std::vector<TreeHash> commitments;
    for (const Part& part : parts) {
      *salts->Add() = std::string(32, salt);
      commitments.push_back(PartCommitment(std::string(32, salt), part.plaintext));
    }
    const TreeHash root = RootOf(commitments);
    commitment->set_root(root.data(), root.size());
    commitment->set_parts(static_cast<uint32_t>(parts.size()));
    commitment->set_messages(static_cast<uint32_t>(messages.size()));
  }

  ReceiptChecks Checks() const { return {.vkey = signer.verifier().vkey()}; }

  NoteSigner signer =
      NoteSigner::Create("node/journal/1",
                         crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value())
          .value();
  v1::JournalLeaf leaf;
  Receipt receipt;
};

TEST_CASE("a receipt has the tlog-proof form and comes back from its text") {
  const HandMade made;
  const std::string text = FormatReceipt(made.receipt);
  CHECK(text.rfind("c2sp.org/tlog-proof@v1\nextra ", 0) == 0);
  CHECK(text.find("\nindex 1\n") != std::string::npos);
  const auto parsed = ParseReceipt(text);
  REQUIRE(parsed.ok());
  CHECK(parsed->proof == made.receipt.proof);
  CHECK(parsed->checkpoint == made.receipt.checkpoint);
  CHECK(FormatReceipt(*parsed) == text);
}

TEST_CASE("a receipt verifies with and without what was sent and got, and says what was checked") {
  const HandMade made;
  const std::string text = FormatReceipt(made.receipt);
  auto checks = made.Checks();
  const auto bare = VerifyReceipt(text, checks);
  REQUIRE(bare.ok());
  CHECK(bare->checked.size() == 2);
  CHECK_FALSE(bare->request_checked);
  checks.request = ReceiptMessages{.messages = {"question"}};
  checks.response = ReceiptMessages{.messages = {"first", "second"}};
  checks.consumer_signature = "signature";
  const auto full = VerifyReceipt(text, checks);
  REQUIRE(full.ok());
  CHECK(full->checked.size() == 5);
  CHECK(full->request_checked);
  CHECK(full->response_checked);
  CHECK(full->signature_checked);
  CHECK(full->tree_size == 3);
}

TEST_CASE("of receipts under one checkpoint only the first costs a signature, all are checked") {
  HandMade made;
  KnownCheckpoints known;
  auto checks = made.Checks();
  checks.known = &known;
  checks.request = ReceiptMessages{.messages = {"question"}};
  const std::string text = FormatReceipt(made.receipt);
  REQUIRE(VerifyReceipt(text, checks).ok());
  REQUIRE(VerifyReceipt(text, checks).ok());
  CHECK(known.signatures_verified() == 1);
  checks.request = ReceiptMessages{.messages = {"another question"}};
  CHECK(absl::IsDataLoss(VerifyReceipt(text, checks).status()));
  checks.request.reset();

  // The same text with another signature, under another key, and of another leaf.
  Receipt forged = made.receipt;
  const size_t signature = forged.checkpoint.size() - 10;
  forged.checkpoint[signature] = forged.checkpoint[signature] == 'A' ? 'B' : 'A';
  CHECK(absl::IsPermissionDenied(VerifyReceipt(FormatReceipt(forged), checks).status()));
  checks.vkey =
      NoteSigner::Create("node/journal/1",
                         crypto::Ed25519PrivateKey::FromSeed(std::string(32, 't')).value())
          ->verifier()
          .vkey();
  CHECK(absl::IsPermissionDenied(VerifyReceipt(text, checks).status()));
  checks.vkey = made.Checks().vkey;
  forged = made.receipt;
  made.leaf.set_grpc_status(5);
  made.Seal();
  forged.opening = made.receipt.opening;
  CHECK(absl::IsDataLoss(VerifyReceipt(FormatReceipt(forged), checks).status()));
  CHECK(known.signatures_verified() == 1);
  CHECK(VerifyReceipt(FormatReceipt(made.receipt), checks).ok());
  CHECK(known.signatures_verified() == 2);
}

TEST_CASE("what does not match is refused with the reason") {
  const HandMade made;
  const std::string text = FormatReceipt(made.receipt);
  const auto fails = [&](const ReceiptChecks& checks, absl::StatusCode code) {
    CHECK(VerifyReceipt(text, checks).status().code() == code);
  };
  auto checks = made.Checks();
  checks.request = ReceiptMessages{.messages = {"another question"}};
  fails(checks, absl::StatusCode::kDataLoss);
  checks = made.Checks();
  checks.response = ReceiptMessages{.messages = {"second", "first"}};
  fails(checks, absl::StatusCode::kDataLoss);
  checks.response = ReceiptMessages{.messages = {"first"}};
  fails(checks, absl::StatusCode::kDataLoss);
  checks.response = ReceiptMessages{};
  fails(checks, absl::StatusCode::kDataLoss);
  checks = made.Checks();
  checks.consumer_signature = "forged";
  fails(checks, absl::StatusCode::kDataLoss);
  checks = made.Checks();
  checks.vkey =
      NoteSigner::Create("node/journal/1",
                         crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'x')).value())
          ->verifier()
          .vkey();
  fails(checks, absl::StatusCode::kPermissionDenied);
  checks.vkey = "nonsense";
  fails(checks, absl::StatusCode::kInvalidArgument);
}

TEST_CASE("an altered leaf, index, proof or checkpoint does not verify") {
  const HandMade made;
  const auto fails = [&](const Receipt& receipt) {
    return !VerifyReceipt(FormatReceipt(receipt), made.Checks()).ok();
  };
  Receipt changed = made.receipt;
  changed.opening.mutable_leaf()->back() ^= 1;
  CHECK(fails(changed));
  changed = made.receipt;
  changed.index = 0;
  CHECK(fails(changed));
  changed = made.receipt;
  changed.proof[0][0] ^= 1;
  CHECK(fails(changed));
  changed = made.receipt;
  changed.proof.pop_back();
  CHECK(fails(changed));
  changed = made.receipt;
  changed.checkpoint = absl::StrReplaceAll(changed.checkpoint, {{"\n3\n", "\n4\n"}});
  CHECK(fails(changed));
  CHECK_FALSE(fails(made.receipt));
}

TEST_CASE("a next node's receipt stands inside, and is the one that the leaf names") {
  const std::string inner = FormatReceipt(HandMade().receipt);
  const auto next = ToNextReceipt(inner);
  REQUIRE(next.ok());
  CHECK(NextReceiptText(*next) == inner);
  HandMade outer;
  const crypto::Digest digest = crypto::Sha256Of({inner});
  outer.leaf.set_relay_receipt_sha256(digest.data(), digest.size());
  outer.Seal();
  CHECK(VerifyReceipt(FormatReceipt(outer.receipt), outer.Checks())->next_receipt.empty());
  *outer.receipt.opening.mutable_next() = *next;
  const auto verified = VerifyReceipt(FormatReceipt(outer.receipt), outer.Checks());
  REQUIRE(verified.ok());
  CHECK(verified->next_receipt == inner);
  for (int field = 0; field < 4; ++field) {
    HandMade bent = outer;
    auto& inside = *bent.receipt.opening.mutable_next();
    if (field == 0) inside.mutable_opening()->back() ^= 1;
    if (field == 1) inside.set_index(0);
    if (field == 2) inside.mutable_proof(0)->pop_back();
    if (field == 3) inside.mutable_checkpoint()->push_back('\n');
    CAPTURE(field);
    CHECK(VerifyReceipt(FormatReceipt(bent.receipt), bent.Checks()).status().message() ==
          "the next node's receipt is not the one that the record names");
  }
}

TEST_CASE("only a receipt in the very bytes it is written in can stand inside another") {
  const std::string inner = FormatReceipt(HandMade().receipt);
  CHECK_FALSE(ToNextReceipt("").ok());
  CHECK_FALSE(ToNextReceipt("text").ok());
  CHECK_FALSE(ToNextReceipt(absl::StrReplaceAll(inner, {{"index 1", "index 01"}})).ok());
}

TEST_CASE("texts that are no receipt are refused") {
  const std::string text = FormatReceipt(HandMade().receipt);
  for (const std::string& bad :
       {std::string(), std::string("c2sp.org/tlog-proof@v1\n\n"), text.substr(1),
        absl::StrReplaceAll(text, {{"index 1", "index 01"}}),
        absl::StrReplaceAll(text, {{"extra ", "Extra "}}),
        absl::StrReplaceAll(text, {{"\nindex", "\nmore\nindex"}})}) {
    CHECK(ParseReceipt(bad).status().code() == absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ndx::journal
