#include "ndx/tools/ndxctl/contract_text.h"

#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <string>

namespace ndx::tools::ndxctl {
namespace {

namespace rv1 = ndx::registry::v1;

TEST_CASE("each difference is told with its place, in either language, and each kind otherwise") {
  const auto* const kinds = rv1::ContractDifferenceKind_descriptor();
  for (const core::Language language : {core::Language::kEnglish, core::Language::kVietnamese}) {
    std::set<std::string> texts;
    for (int i = 1; i < kinds->value_count(); ++i) {
      std::ostringstream out;
      std::ostringstream err;
      Terminal terminal{.out = out, .err = err, .language = language};
      google::protobuf::RepeatedPtrField<rv1::ContractDifference> differences;
      auto& difference = *differences.Add();
      difference.set_kind(static_cast<rv1::ContractDifferenceKind>(kinds->value(i)->number()));
      difference.set_file("a.proto");
      difference.set_element("a.B.c");
      difference.set_was("x");
      difference.set_breaking(i % 2 == 0);
      CHECK(PrintContractDifferences(differences, terminal) == (i % 2 == 0));
      std::string text = out.str();
      CHECK_THAT(text, Catch::Contains("a.proto: a.B.c ") && Catch::EndsWith(" (x)\n"));
      text[0] = ' ';
      CHECK(texts.insert(text).second);
    }
  }
}

}  // namespace
}  // namespace ndx::tools::ndxctl
