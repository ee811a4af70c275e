// A node that changes its own past and signs it again with its own key: each change is caught by a
// receipt that somebody was given before, by a witness, and by a time-stamp over what it had signed
// before.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "journal_fixture.h"
#include "log_of_leaves.h"
#include "ndx/anchors/time_stamper.h"
#include "ndx/core/system_clock.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/receipt.h"
#include "ndx/tests/support/fake_poster.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/time_stamp_authority.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

using Leaves = std::vector<std::string>;

constexpr size_t kBefore = 6;  // leaves when the anchors were made

// The leaves of a real journal.
Leaves RealLeaves() {
  journal::JournalFixture node;
  auto journal = node.Open();
  for (int i = 0; i < 9; ++i) {
    REQUIRE(AppendAndWait(*journal, journal::JournalFixture::Read(node.NewId(), "q", "a")).ok());
  }
  Leaves leaves;
  REQUIRE(journal->reader()
              .Scan({},
                    [&](const journal::StoredLeaf& leaf) {
                      leaves.push_back(leaf.bytes);
                      return true;
                    })
              .ok());
  return leaves;
}

struct Tampering {
  std::string name;
  std::function<void(Leaves&)> change;
};

std::vector<Tampering> Tamperings() {
  return {
      {"one leaf edited",
       [](Leaves& leaves) {
         auto leaf = journal::DecodeLeaf(leaves[2]).value();
         leaf.set_consumer("VN:GOV:H55:somebody-else");
         leaves[2] = journal::EncodeLeaf(leaf).value();
       }},
      {"one leaf deleted", [](Leaves& leaves) { leaves.erase(leaves.begin() + 3); }},
      {"two leaves reordered", [](Leaves& leaves) { std::swap(leaves[1], leaves[4]); }},
      {"one leaf put in between",
       [](Leaves& leaves) { leaves.insert(leaves.begin() + 2, leaves[5]); }},
  };
}

// The receipt of a leaf as it was given out when the log had kBefore leaves.
std::string ReceiptOf(const LogOfLeaves& log, uint64_t index) {
  journal::Receipt receipt{.index = index,
                           .proof = journal::InclusionProof(index, kBefore, log).value(),
                           .checkpoint = log.Checkpoint(kBefore)};
  receipt.opening.set_leaf(log.leaves()[index]);
  return journal::FormatReceipt(receipt);
}

TEST_CASE("an earlier receipt catches an edited, deleted, reordered or inserted leaf signed anew") {
  const LogOfLeaves honest(RealLeaves());
  const std::string vkey = honest.signer().verifier().vkey();
  const std::vector<journal::NoteVerifier> keys = {honest.signer().verifier()};
  for (uint64_t index = 0; index < kBefore; ++index) {
    // By itself a receipt proves its record by the node's key, whatever the node says later.
    const std::string text = ReceiptOf(honest, index);
    REQUIRE(journal::VerifyReceipt(text, {.vkey = vkey}).ok());
    const journal::Receipt receipt = journal::ParseReceipt(text).value();
    const auto then = journal::OpenCheckpoint(receipt.checkpoint, keys).value().head;
    REQUIRE(journal::RootAt(then.size, honest).value() == then.root);
    for (const Tampering& tampering : Tamperings()) {
      INFO(tampering.name << ", receipt of leaf " << index);
      Leaves changed = honest.leaves();
      tampering.change(changed);
      const LogOfLeaves forged(changed);
      // Everybody's receipt shows it, not only that of the leaf concerned: the log of today does
      // not begin with the tree that was signed then, and no proof of the node's leads there.
      CHECK(journal::RootAt(then.size, forged).value() != then.root);
      const uint64_t size = changed.size();
      for (const LogOfLeaves* prover : {&honest, &forged}) {
        CHECK_FALSE(
            journal::VerifyConsistency(then, forged.Head(size), prover->Proof(kBefore, size)).ok());
      }
    }
  }
}

TEST_CASE("a witness catches an edited, deleted, reordered or inserted leaf signed anew") {
  const Leaves leaves = RealLeaves();
  for (const Tampering& tampering : Tamperings()) {
    INFO(tampering.name);
    const LogOfLeaves honest(leaves);
    WitnessFixture fixture({honest.signer().verifier()});
    fixture.Open();
    REQUIRE(fixture.witness->AddCheckpoint(honest.Request(0, kBefore)).status == 200);
    Leaves changed = leaves;
    tampering.change(changed);
    const LogOfLeaves forged(changed);
    for (uint64_t size = 1; size <= changed.size(); ++size) {
      const int claimed = size < kBefore ? 400 : 422;
      CHECK(fixture.witness
                ->AddCheckpoint(journal::FormatWitnessRequest(
                    {.old_size = kBefore,
                     .proof = size < kBefore ? std::vector<journal::TreeHash>()
                                             : forged.Proof(kBefore, size),
                     .checkpoint = forged.Checkpoint(size)}))
                .status == claimed);
      // Pretending to know nothing, or less, does not help.
      CHECK(fixture.witness->AddCheckpoint(forged.Request(0, size)).status == 409);
      CHECK(fixture.witness->AddCheckpoint(forged.Request(1, size)).status == 409);
    }
    CHECK(fixture.witness->AddCheckpoint(honest.Request(kBefore, 10)).status == 200);
  }
}

TEST_CASE(
    "a time-stamp proves what was signed before, and no proof leads from it to the changed tree") {
  const Leaves leaves = RealLeaves();
  const LogOfLeaves honest(leaves);
  const tests::TimeStampAuthority authority;
  const auto trust = crypto::TimeStampTrust::FromPem(authority.ca_pem()).value();
  tests::FakePoster poster;
  poster.Serve("http://tsa/", [&](const http::HttpPost& post) {
    return http::HttpResponse{.body = authority.Answer(post.body)};
  });
  tests::FakeRandom random{5};
  const core::SystemClock clock;
  const std::string note = honest.Checkpoint(kBefore);
  const auto token = AskTimeStamp({.name = "tsa", .url = "http://tsa/", .trust = trust}, note,
                                  poster, random, clock, absl::Minutes(10));
  REQUIRE(token.ok());
  const auto digest = crypto::Sha256Of({note});
  REQUIRE(crypto::VerifyTimeStampAnswer(token->der, digest, std::nullopt, trust).ok());
  // The node's own key signed it, so it cannot say that it was never so.
  const std::vector<journal::NoteVerifier> keys = {honest.signer().verifier()};
  REQUIRE(journal::OpenCheckpoint(note, keys).ok());
  for (const Tampering& tampering : Tamperings()) {
    INFO(tampering.name);
    Leaves changed = leaves;
    tampering.change(changed);
    const LogOfLeaves forged(changed);
    const std::string forged_note = forged.Checkpoint(kBefore);
    CHECK(journal::OpenCheckpoint(forged_note, keys).ok());
    CHECK_FALSE(crypto::VerifyTimeStampAnswer(token->der, crypto::Sha256Of({forged_note}),
                                              std::nullopt, trust)
                    .ok());
    const uint64_t size = changed.size();
    CHECK_FALSE(journal::VerifyConsistency(honest.Head(kBefore), forged.Head(size),
                                           forged.Proof(kBefore, size))
                    .ok());
    CHECK_FALSE(journal::VerifyConsistency(honest.Head(kBefore), forged.Head(size),
                                           honest.Proof(kBefore, size))
                    .ok());
  }
  CHECK(journal::VerifyConsistency(honest.Head(kBefore), honest.Head(leaves.size()),
                                   honest.Proof(kBefore, leaves.size()))
            .ok());
}

}  // namespace
}  // namespace ndx::anchors
