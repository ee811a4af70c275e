#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "ndx/tests/unit/tools/verify/log_with_receipt.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::LogWithReceipt;

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
