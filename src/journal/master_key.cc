#include "ndx/journal/master_key.h"

#include "absl/strings/escaping.h"
#include "ndx/crypto/digest.h"

namespace ndx::journal {
namespace {

constexpr size_t kKeyIdBytes = 4;

}  // namespace

std::string MasterKeyCheck(absl::string_view master) {
  const crypto::Digest check = crypto::HmacSha256(master, {"ndx master key check v1"});
  return std::string(crypto::AsBytes(check));
}

std::string MasterKeyId(absl::string_view check) {
  return absl::BytesToHexString(check.substr(0, kKeyIdBytes));
}

}  // namespace ndx::journal
