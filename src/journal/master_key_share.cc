#include "ndx/journal/master_key_share.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/secret_shares.h"
#include "ndx/journal/master_key.h"

namespace ndx::journal {
namespace {

constexpr absl::string_view kTitle = "ndx master key share ";
constexpr size_t kGroupDigits = 4;
constexpr size_t kSumDigits = 8;

struct ShareText {
  size_t number = 0;
  size_t count = 0;
  size_t needed = 0;
  std::string check;
  crypto::SecretBytes values;
};

std::string SumOf(absl::string_view lines) {
  const crypto::Digest digest = crypto::Sha256Of({lines});
  return absl::BytesToHexString(crypto::AsBytes(digest)).substr(0, kSumDigits);
}

crypto::SecretBytes Format(const ShareText& share) {
  crypto::SecretBytes hex(absl::BytesToHexString(share.values.view()));
  std::string text = absl::StrCat(kTitle, share.number, " of ", share.count, ", ", share.needed,
                                  " needed\nkey ", absl::BytesToHexString(share.check), "\nshare ");
  for (size_t at = 0; at < hex.size(); at += kGroupDigits) {
    absl::StrAppend(&text, at == 0 ? "" : "-", hex.view().substr(at, kGroupDigits));
  }
  absl::StrAppend(&text, "\n");
  absl::StrAppend(&text, "sum ", SumOf(text), "\n");
  crypto::SecretBytes out(text);
  crypto::WipeMemory(text.data(), text.size());
  return out;
}

bool FromHex(absl::string_view hex, size_t bytes, std::string* out) {
  if (hex.size() != 2 * bytes) return false;
  for (const char c : hex) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  *out = absl::HexStringToBytes(hex);
  return true;
}

// "2 of 5, 3 needed"
bool ParseNumbers(absl::string_view text, ShareText& share) {
  const std::vector<std::string> words =
      absl::StrSplit(absl::StrReplaceAll(text, {{",", " "}}), ' ', absl::SkipEmpty());
  return words.size() == 5 && words[1] == "of" && words[4] == "needed" &&
         absl::SimpleAtoi(words[0], &share.number) && absl::SimpleAtoi(words[2], &share.count) &&
         absl::SimpleAtoi(words[3], &share.needed);
}

// Capitals, and spaces or empty lines around, are a typist's freedom.
absl::StatusOr<ShareText> Parse(absl::string_view given, size_t position) {
  const auto wrong = [position](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("the ", position, ". share given ", why));
  };
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(given, '\n')) {
    std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(line));
    if (!text.empty()) lines.push_back(std::move(text));
  }
  if (lines.size() != 4) return wrong("is no share of a master key: four lines are needed");
  absl::string_view title = lines[0];
  absl::string_view check = lines[1];
  absl::string_view values = lines[2];
  absl::string_view sum = lines[3];
  ShareText share;
  if (!absl::ConsumePrefix(&title, kTitle) || !absl::ConsumePrefix(&check, "key ") ||
      !absl::ConsumePrefix(&values, "share ") || !absl::ConsumePrefix(&sum, "sum ") ||
      !ParseNumbers(title, share)) {
    return wrong("is no share of a master key");
  }
  if (sum != SumOf(absl::StrCat(lines[0], "\n", lines[1], "\n", lines[2], "\n"))) {
    return wrong("was copied wrongly: its sum is another one");
  }
  std::string bytes;
  const std::string digits = absl::StrReplaceAll(values, {{"-", ""}});
  if (!FromHex(check, crypto::kDigestBytes, &share.check) ||
      !FromHex(digits, crypto::kAesKeyBytes, &bytes)) {
    return wrong("has lines of another length");
  }
  share.values = crypto::SecretBytes(bytes);
  crypto::WipeMemory(bytes.data(), bytes.size());
  return share;
}

absl::StatusOr<crypto::SecretBytes> Combine(std::vector<ShareText> shares) {
  std::vector<crypto::SecretShare> points;
  for (ShareText& share : shares) {
    points.push_back(
        {.point = static_cast<uint8_t>(share.number), .values = std::move(share.values)});
  }
  return crypto::CombineShares(points);
}

}  // namespace

absl::StatusOr<std::vector<crypto::SecretBytes>> ShareMasterKey(absl::string_view master,
                                                                size_t needed, size_t count,
                                                                core::Random& random) {
  if (master.size() != crypto::kAesKeyBytes) {
    return absl::InvalidArgumentError("a master key has 32 bytes");
  }
  NDX_ASSIGN_OR_RETURN(auto split, crypto::SplitSecret(master, needed, count, random));
  std::vector<crypto::SecretBytes> texts;
  for (crypto::SecretShare& share : split) {
    texts.push_back(Format({.number = share.point,
                            .count = count,
                            .needed = needed,
                            .check = MasterKeyCheck(master),
                            .values = std::move(share.values)}));
  }
  // Shares that do not give the key back would be found out on the worst of days.
  for (size_t first = 0; first + needed <= count; ++first) {
    std::vector<std::string> tried;
    for (size_t i = first; i < first + needed; ++i) tried.emplace_back(texts[i].view());
    const auto restored = RestoreMasterKey(tried);
    for (std::string& text : tried) crypto::WipeMemory(text.data(), text.size());
    NDX_CHECK(restored.ok() && restored->view() == master);
  }
  return texts;
}

absl::StatusOr<crypto::SecretBytes> RestoreMasterKey(absl::Span<const std::string> shares) {
  std::vector<ShareText> read;
  for (const std::string& text : shares) {
    NDX_ASSIGN_OR_RETURN(ShareText share, Parse(text, read.size() + 1));
    if (!read.empty() && (share.check != read[0].check || share.needed != read[0].needed ||
                          share.count != read[0].count)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the ", read.size() + 1, ". share is of another set (key ", MasterKeyId(share.check),
          ") than the first (key ", MasterKeyId(read[0].check), ")"));
    }
    if (share.number == 0 || share.number > crypto::kSharesMax) {
      return absl::InvalidArgumentError("a share has an impossible number");
    }
    read.push_back(std::move(share));
  }
  if (read.empty() || read.size() < read[0].needed) {
    return absl::InvalidArgumentError(
        absl::StrCat(read.size(), " shares are given",
                     read.empty() ? "" : absl::StrCat(", ", read[0].needed, " are needed")));
  }
  const std::string check = read[0].check;
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes master, Combine(std::move(read)));
  if (MasterKeyCheck(master.view()) != check) {
    return absl::DataLossError(
        absl::StrCat("the shares do not give the master key ", MasterKeyId(check),
                     ": one of them is of another splitting of it; try with others"));
  }
  return master;
}

}  // namespace ndx::journal
