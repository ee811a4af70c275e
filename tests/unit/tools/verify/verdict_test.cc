#include "ndx/tools/verify/verdict.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace ndx::tools::verify {
namespace {

using core::Language;

std::string Text(const Verdict& verdict, Language language) {
  std::ostringstream out;
  verdict.PrintText(out, language);
  return out.str();
}

TEST_CASE("a verdict says what was checked and what was not, in either language") {
  Verdict verdict;
  verdict.Checked({"the root", "giá trị gốc"});
  verdict.NotChecked({"the rest", "phần còn lại"});
  CHECK(verdict.holds());
  CHECK(Text(verdict, Language::kEnglish) ==
        "holds\n  checked: the root\n  not checked: the rest\n");
  CHECK(Text(verdict, Language::kVietnamese) ==
        "đúng\n  đã kiểm tra: giá trị gốc\n  không kiểm tra: phần còn lại\n");
  verdict.Problem({"a \"byte\"", "một \"byte\""});
  CHECK_FALSE(verdict.holds());
  std::ostringstream json;
  verdict.PrintJson(json, Language::kEnglish);
  CHECK(json.str() ==
        "{\"holds\":false,\"checked\":[\"the root\"],\"not_checked\":[\"the rest\"],"
        "\"problems\":[\"a \\\"byte\\\"\"]}\n");
}

TEST_CASE("problems past the limit are counted") {
  Verdict verdict;
  for (size_t i = 0; i <= Verdict::kProblemsMax; ++i) verdict.Problem({"p", "p"});
  CHECK_THAT(Text(verdict, Language::kEnglish), Catch::Contains("and more: 1\n"));
}

TEST_CASE("what somebody else wrote does not steer the terminal") {
  CHECK(Say({"a\x1b[2J\nb", ""}, Language::kEnglish) == "a?[2J?b");
}

TEST_CASE("messages of the format library have a Vietnamese text, others stay as they are") {
  CHECK(Translate("no known key signed the note").vi == "không có khóa nào đã biết ký văn bản này");
  CHECK(Translate("something new").vi == "something new");
}

}  // namespace
}  // namespace ndx::tools::verify
