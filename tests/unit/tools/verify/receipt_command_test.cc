#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/sealing.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::RunVerify;

// A log of three leaves with an exchange in the middle, and its receipt.
struct LogWithReceipt {
  LogWithReceipt() {
    journal::v1::JournalLeaf leaf;
    leaf.set_leaf_version(journal::kLeafVersion);
    leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
    leaf.set_exchange_id(std::string(16, 'x'));
    leaf.set_consumer("VN:GOV:H55:mot-cua");
    leaf.set_provider("VN:GOV:G01:population");
    leaf.set_method("/probe.v1.PeopleService/LookUp");
    Commit("question", leaf.mutable_request(), receipt.opening.mutable_request_salts());
    Commit("answer", leaf.mutable_response(), receipt.opening.mutable_response_salts());
    receipt.opening.set_leaf(journal::EncodeLeaf(leaf).value());
    log.Export({"0", receipt.opening.leaf(), "2"});
    receipt.index = 1;
    receipt.proof = {journal::LeafHash("0"), journal::LeafHash("2")};
    receipt.checkpoint = tests::ReadAll(log.File("checkpoint"));
    tests::WriteAll(file(), journal::FormatReceipt(receipt));
    tests::WriteAll(log.space().File("question"), "question");
    tests::WriteAll(log.space().File("answer"), "answer");
  }

  static void Commit(const std::string& message, journal::v1::PayloadCommitment* commitment,
                     google::protobuf::RepeatedPtrField<std::string>* salts) {
    std::vector<journal::Part> parts;
    REQUIRE(journal::CutPlan(nullptr).Cut(message, &parts).ok());
    *salts->Add() = std::string(32, 'a');
    const auto root = journal::PartCommitment(std::string(32, 'a'), parts[0].plaintext);
    commitment->set_root(root.data(), root.size());
    commitment->set_parts(1);
    commitment->set_messages(1);
  }

  std::string file() const { return log.space().File("receipt"); }
  tests::VerifyRun Verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"receipt", "--key-file", log.key_file(), file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunVerify(arguments);
  }

  tests::LogDirectory log{0};
  journal::Receipt receipt;
};

TEST_CASE("a receipt is verified, with what it proves and what was not given") {
  const LogWithReceipt made;
  const auto run = made.Verify();
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("the checkpoint of 3 leaves is signed by node/journal/1") &&
                          Contains("it holds the leaf 1: ANSWERED") &&
                          Contains("VN:GOV:H55:mot-cua → VN:GOV:G01:population") &&
                          Contains("not checked: what was asked") &&
                          Contains("not checked: what was answered"));
}

TEST_CASE("what was sent and got is held against the receipt") {
  const LogWithReceipt made;
  const std::string question = made.log.space().File("question");
  const std::string answer = made.log.space().File("answer");
  const auto run = made.Verify({"--request", question, "--response", answer});
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("the request given is the one recorded") &&
                          Contains("the answer given is the one recorded"));
  CHECK(made.Verify({"--request", answer}).code == 1);
  CHECK(made.Verify({"--request", question, "--request", question}).code == 1);
  CHECK(made.Verify({"--signature", question}).code == 1);
  CHECK(made.Verify({"--descriptors", question}).code == 2);
}

TEST_CASE("a receipt with any byte changed does not hold") {
  const LogWithReceipt made;
  const size_t size = tests::ReadAll(made.file()).size();
  for (size_t at = 0; at < size; ++at) {
    tests::FlipByte(made.file(), at);
    const auto run = made.Verify({"--request", made.log.space().File("question"), "--response",
                                  made.log.space().File("answer")});
    INFO(at << run.out);
    CHECK(run.code == 1);
    tests::FlipByte(made.file(), at);
  }
}

TEST_CASE("an earlier receipt convicts a log whose leaf was edited and signed again") {
  LogWithReceipt made;
  CHECK(made.log.Verify({"--earlier", made.file()}).code == 0);
  for (const std::vector<std::string>& leaves : {std::vector<std::string>{"0", "edited", "2"},
                                                 {"0", "2", "3", "4"},
                                                 {"0", "2", made.receipt.opening.leaf()}}) {
    made.log.Export(leaves);
    CHECK(made.log.Verify().code == 0);
    CHECK(made.Verify().code == 0);
    CHECK(made.log.Verify({"--earlier", made.file()}).code == 1);
  }
}

}  // namespace
}  // namespace ndx::tools::verify
