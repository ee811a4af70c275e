#include "ndx/journal/master_key_share.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "ndx/journal/master_key.h"
#include "ndx/tests/support/fake_random.h"

namespace ndx::journal {
namespace {

const std::string kMaster(32, 'm');

std::vector<std::string> Shares(const std::string& master, size_t needed, size_t count,
                                uint64_t seed = 5) {
  tests::FakeRandom random{seed};
  std::vector<std::string> texts;
  const auto shares = ShareMasterKey(master, needed, count, random).value();
  for (const auto& share : shares) texts.emplace_back(share.view());
  return texts;
}

std::string Why(const std::vector<std::string>& shares) {
  return std::string(RestoreMasterKey(shares).status().message());
}

TEST_CASE("a share is four lines with the key's check value and its own sum") {
  const auto shares = Shares(kMaster, 3, 5);
  REQUIRE(shares.size() == 5);
  CHECK(shares[1].rfind("ndx master key share 2 of 5, 3 needed\nkey 5ba5483b", 0) == 0);
  CHECK(shares[1].size() == 38 + 4 + 64 + 1 + 6 + 64 + 15 + 1 + 4 + 8 + 1);
  CHECK_FALSE(absl::StrContains(shares[1], "6d6d6d6d"));
}

TEST_CASE("enough shares in any order give the key back, as typed by a person too") {
  const auto shares = Shares(kMaster, 3, 5);
  CHECK(RestoreMasterKey({{shares[4], shares[0], shares[2]}})->view() == kMaster);
  CHECK(RestoreMasterKey(shares)->view() == kMaster);
  std::string typed = absl::StrReplaceAll(shares[1], {{"\n", "  \r\n\n"}, {"key", "KEY"}});
  CHECK(RestoreMasterKey({{typed, shares[0], shares[3]}})->view() == kMaster);
  CHECK(Why({shares[0], shares[1]}) == "2 shares are given, 3 are needed");
  CHECK(absl::StrContains(Why({}), "0 shares"));
  CHECK(absl::StrContains(Why({shares[0], shares[1], shares[0]}), "share 1 is given twice"));
}

TEST_CASE("what is wrong with which share is said") {
  const auto shares = Shares(kMaster, 2, 3);
  std::string copied = shares[1];
  const size_t digit = copied.find("share ", 30) + 6;
  copied[digit] = copied[digit] == '0' ? '1' : '0';
  CHECK(absl::StrContains(Why({shares[0], copied}), "the 2. share given was copied wrongly"));
  CHECK(absl::StrContains(Why({"ndx-devpki", shares[0]}), "the 1. share given is no share"));
  CHECK(absl::StrContains(Why({shares[0], Shares(std::string(32, 'n'), 2, 3)[1]}), "another set"));
  // Of the same key, split again: only the check value tells.
  const auto again = RestoreMasterKey({{shares[0], Shares(kMaster, 2, 3, 6)[1]}});
  CHECK(absl::IsDataLoss(again.status()));
  CHECK(absl::StrContains(again.status().message(), "5ba5483b"));
}

TEST_CASE("a key of another length, and impossible numbers, are not split") {
  tests::FakeRandom random{1};
  CHECK_FALSE(ShareMasterKey(std::string(31, 'm'), 2, 3, random).ok());
  CHECK_FALSE(ShareMasterKey(kMaster, 1, 3, random).ok());
  CHECK_FALSE(ShareMasterKey(kMaster, 2, 17, random).ok());
}

}  // namespace
}  // namespace ndx::journal
