#include "ndx/journal/master_key.h"

#include <catch2/catch.hpp>

namespace ndx::journal {
namespace {

TEST_CASE("master keys are told apart by a check value and its first digits") {
  const std::string check = MasterKeyCheck(std::string(32, 'm'));
  CHECK(check.size() == 32);
  CHECK(check == MasterKeyCheck(std::string(32, 'm')));
  CHECK(check != MasterKeyCheck(std::string(32, 'n')));
  // printf 'ndx master key check v1' | openssl mac -digest SHA256 -macopt hexkey:6d6d… HMAC
  CHECK(MasterKeyId(check) == "5ba5483b");
  CHECK(MasterKeyId("") == "");
}

}  // namespace
}  // namespace ndx::journal
