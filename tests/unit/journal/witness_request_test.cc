#include "ndx/journal/witness_request.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "memory_tree.h"
#include "ndx/tests/support/vectors.h"

namespace ndx::journal {
namespace {

NoteSigner Log(const std::string& origin = "node/journal/1") {
  return NoteSigner::Create(origin,
                            crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'l')).value())
      .value();
}

// A witness that remembers as a real one does.
class Memory {
 public:
  explicit Memory(std::vector<NoteVerifier> logs) : logs_(std::move(logs)) {}
  WitnessJudgement Ask(const WitnessRequest& request) {
    auto judged = JudgeWitnessRequest(request, logs_, [this](const std::string& origin) {
      const auto found = newest_.find(origin);
      return found == newest_.end() ? std::nullopt : std::make_optional(found->second);
    });
    if (judged.status == 200) newest_[judged.checkpoint.origin] = judged.checkpoint.head;
    return judged;
  }

 private:
  std::vector<NoteVerifier> logs_;
  std::map<std::string, TreeHead> newest_;
};

WitnessRequest RequestOf(const MemoryTree& tree, uint64_t old_size, uint64_t size) {
  WitnessRequest request{.old_size = old_size};
  if (old_size > 0) request.proof = ConsistencyProof(old_size, size, tree).value();
  const Checkpoint checkpoint{.origin = "node/journal/1",
                              .head = {.size = size, .root = tree.Root(size)}};
  request.checkpoint = SignCheckpoint(checkpoint, Log());
  return request;
}

TEST_CASE("the published conversation with a witness has the published statuses") {
  const auto scenario = tests::ReadJsonVector("notes/witness-scenario.json");
  const std::string origin = tests::Text(scenario, "origin");
  Memory witness(
      {NoteVerifier::FromPublicKey(origin, tests::Hex(scenario, "log_public_key_hex")).value()});
  int asked = 0;
  for (const auto& value : tests::List(scenario, "steps")) {
    const auto& step = value.struct_value();
    const std::string claimed = tests::Text(step, "origin");
    std::string body = absl::StrCat("old ", tests::Number(step, "old"), "\n");
    for (const auto& hash : tests::List(step, "proof")) {
      absl::StrAppend(&body, hash.string_value(), "\n");
    }
    const std::string name = claimed.empty() ? origin : claimed;
    absl::StrAppend(&body, "\n", name, "\n", tests::Number(step, "size"), "\n",
                    tests::Text(step, "root"), "\n\n\xE2\x80\x94 ", name, " ",
                    tests::Text(step, "sig"), "\n");
    INFO(body);
    const auto request = ParseWitnessRequest(body);
    REQUIRE(request.ok());
    CHECK(FormatWitnessRequest(*request) == body);
    const WitnessJudgement judged = witness.Ask(*request);
    CHECK(judged.status == tests::Number(step, "status"));
    if (judged.status == 409) CHECK(judged.reason + "\n" == tests::Text(step, "body"));
    ++asked;
  }
  CHECK(asked == 9);
}

TEST_CASE("any size continues any smaller one, with its proof only") {
  const MemoryTree tree(70);
  for (const uint64_t from : {uint64_t{1}, uint64_t{2}, uint64_t{33}, uint64_t{64}}) {
    for (const uint64_t to : {from, from + 1, uint64_t{70}}) {
      INFO(from << " to " << to);
      Memory witness({Log().verifier()});
      CHECK(witness.Ask(RequestOf(tree, 0, from)).status == 200);
      WitnessRequest longer = RequestOf(tree, from, to);
      longer.proof.push_back(EmptyRoot());
      CHECK(witness.Ask(longer).status == 422);
      CHECK(witness.Ask(RequestOf(tree, from, to)).status == 200);
    }
  }
}

TEST_CASE("what contradicts an earlier checkpoint is not cosigned") {
  const MemoryTree tree(20);
  Memory witness({Log().verifier()});
  REQUIRE(witness.Ask(RequestOf(tree, 0, 10)).status == 200);
  const auto signed_of = [](uint64_t size, const TreeHash& root) {
    return SignCheckpoint({.origin = "node/journal/1", .head = {.size = size, .root = root}},
                          Log());
  };
  CHECK(witness.Ask({.old_size = 10, .checkpoint = signed_of(10, tree.Root(9))}).status == 422);
  CHECK(witness
            .Ask({.old_size = 10,
                  .proof = ConsistencyProof(10, 20, tree).value(),
                  .checkpoint = signed_of(20, tree.Root(19))})
            .status == 422);
  CHECK(witness.Ask({.old_size = 10, .checkpoint = signed_of(9, tree.Root(9))}).status == 400);
  CHECK(witness.Ask(RequestOf(tree, 9, 9)).status == 409);
  CHECK(witness.Ask(RequestOf(tree, 0, 20)).reason == "10");
}

TEST_CASE("a tree without leaves has one root, and a proof from nothing no hashes") {
  const MemoryTree tree(4);
  Memory witness({Log().verifier()});
  const Checkpoint wrong{.origin = "node/journal/1", .head = {.size = 0, .root = tree.Root(1)}};
  CHECK(witness.Ask({.checkpoint = SignCheckpoint(wrong, Log())}).status == 422);
  const Checkpoint empty{.origin = "node/journal/1", .head = {.size = 0, .root = EmptyRoot()}};
  CHECK(witness.Ask({.checkpoint = SignCheckpoint(empty, Log())}).status == 200);
  WitnessRequest first = RequestOf(tree, 0, 4);
  first.proof = {EmptyRoot()};
  CHECK(witness.Ask(first).status == 422);
  first.proof.clear();
  CHECK(witness.Ask(first).status == 200);
}

TEST_CASE("only the key of the checkpoint's own origin counts") {
  const MemoryTree tree(4);
  Memory witness({Log("other/journal/1").verifier(), Log().verifier()});
  const Checkpoint checkpoint{.origin = "node/journal/1",
                              .head = {.size = 4, .root = tree.Root(4)}};
  Note note{.text = FormatCheckpoint(checkpoint)};
  note.signatures = {Log("other/journal/1").Sign(note.text)};
  CHECK(witness.Ask({.checkpoint = FormatNote(note)}).status == 403);
  CHECK(witness.Ask({.checkpoint = "no note"}).status == 400);
  CHECK(witness.Ask(RequestOf(tree, 0, 4)).status == 200);
}

TEST_CASE("malformed requests and answers are refused; limits hold") {
  const std::string hash = absl::Base64Escape(std::string(32, 'h')) + "\n";
  std::string most = "old 7\n";
  for (size_t i = 0; i < kWitnessProofHashesMax; ++i) most += hash;
  CHECK(ParseWitnessRequest(most + "\nnote")->proof.size() == kWitnessProofHashesMax);
  CHECK_FALSE(ParseWitnessRequest(most + hash + "\nnote").ok());
  const std::string fill(kWitnessRequestBytesMax - 7, 'n');
  CHECK(ParseWitnessRequest("old 7\n\n" + fill).ok());
  CHECK_FALSE(ParseWitnessRequest("old 7\n\n" + fill + "n").ok());
  for (const char* body : {"", "old 1\n", "old 01\n\nnote", "old -1\n\nnote", "new 1\n\nnote",
                           "old 1\nAAAA\n\nnote", "old 1 \n\nnote"}) {
    INFO(body);
    CHECK_FALSE(ParseWitnessRequest(body).ok());
  }
  const std::string line = FormatSignatureLines({{Log().Sign("text\n")}});
  CHECK(FormatSignatureLines(ParseSignatureLines(line + line).value()) == line + line);
  for (const std::string& body : {std::string(), line.substr(1), line + "\n", line + "x"}) {
    CHECK_FALSE(ParseSignatureLines(body).ok());
  }
  CHECK(ParseWitnessSize("17\n").value() == 17);
  for (const char* body : {"", "17", "017\n", "17\n\n"}) CHECK_FALSE(ParseWitnessSize(body).ok());
}

}  // namespace
}  // namespace ndx::journal
