#include "ndx/tools/verify/verify_line.h"

#include <catch2/catch.hpp>

#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

using Catch::Contains;
using tests::RunVerify;

TEST_CASE("a wrong command line and an unreadable file end with 2, help with 0") {
  CHECK(RunVerify({}).code == 2);
  CHECK(RunVerify({"nothing"}).code == 2);
  CHECK(RunVerify({"note", "--key-file", "/absent", "/absent"}).code == 2);
  CHECK_THAT(RunVerify({"note", "--key-file", "/absent", "/absent"}).err,
             Contains("ndx-verify: /absent is no file"));
  CHECK(RunVerify({"inclusion", "--leaf-index", "one"}).code == 2);
}

TEST_CASE("the verdict is text or JSON in the language asked for") {
  const tests::LogDirectory log(3);
  CHECK(log.Verify().out.substr(0, 6) == "holds\n");
  const auto json = log.Verify({"--output", "json"});
  CHECK_THAT(json.out, Catch::StartsWith("{\"holds\":true,") && Catch::EndsWith("}\n"));
  const auto vietnamese = RunVerify({"tiles", "--key-file", log.key_file(), log.directory()},
                                    core::Language::kVietnamese);
  CHECK_THAT(vietnamese.out, Catch::StartsWith("đúng\n  đã kiểm tra: chữ ký của node/journal/1"));
}

}  // namespace
}  // namespace ndx::tools::verify
