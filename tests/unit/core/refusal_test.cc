#include "ndx/core/refusal.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "google/protobuf/descriptor.h"

namespace ndx::core {
namespace {

using exchange::v1::ErrorReason;

std::set<std::string> Placeholders(const std::string& text) {
  std::set<std::string> names;
  for (size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    names.insert(text.substr(open + 1, text.find('}', open) - open - 1));
  }
  return names;
}

TEST_CASE("every error reason has a code, a fault and both texts") {
  const auto* descriptor = exchange::v1::ErrorReason_descriptor();
  REQUIRE(descriptor->value_count() > 30);
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto reason = static_cast<ErrorReason>(descriptor->value(i)->number());
    if (reason == exchange::v1::ERROR_REASON_UNSPECIFIED) continue;
    INFO(ReasonName(reason));
    const auto& rules = RulesOf(reason);
    CHECK(rules.grpc_code() >= 1);
    CHECK(rules.grpc_code() <= 16);
    CHECK(FaultName(rules.fault()) != "unknown");
    CHECK_FALSE(rules.vi().empty());
    CHECK_FALSE(rules.en().empty());
    CHECK(ReasonFromName(ReasonName(reason)) == reason);
  }
}

TEST_CASE("placeholders are filled in, and an unknown one never shows through") {
  Refusal refusal{.reason = exchange::v1::ERROR_REASON_NO_GRANT,
                  .parameters = {{"system", "VN:GOV:H55:mot-cua"}, {"method", "VerifyCitizen"}}};
  CHECK(TextOf(refusal, Language::kEnglish) ==
        "VN:GOV:H55:mot-cua has no grant for VerifyCitizen; ask ?.");
  CHECK(TextOf(refusal, Language::kVietnamese) ==
        "VN:GOV:H55:mot-cua chưa có quyền khai thác VerifyCitizen; gửi yêu cầu tới ?.");
  CHECK(Placeholders(RulesOf(refusal.reason).vi()) == Placeholders(RulesOf(refusal.reason).en()));
}

}  // namespace
}  // namespace ndx::core
