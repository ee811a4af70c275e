#include "ndx/crypto/signature_fault.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace ndx::crypto {
namespace {

TEST_CASE("each fault has texts of its own in both languages") {
  std::set<std::string> vi;
  std::set<std::string> en;
  const int last = static_cast<int>(SignatureFault::kSubject);
  for (int i = 0; i <= last; ++i) {
    const auto fault = static_cast<SignatureFault>(i);
    CHECK(vi.insert(std::string(FaultTextVi(fault))).second);
    CHECK(en.insert(std::string(FaultTextEn(fault))).second);
  }
  CHECK(vi.count("") + en.count("") == 0);
  CHECK(FaultTextVi(SignatureFault::kExpired) == "đã hết hạn; hãy ký lại");
  CHECK(FaultTextEn(SignatureFault::kExpired) == "it has expired; sign anew");
}

}  // namespace
}  // namespace ndx::crypto
