#include "store_layout.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::journal {
namespace {

constexpr absl::string_view kEpochPrefix = "epoch-";
constexpr size_t kConsumerDigestBytes = 8;

}  // namespace

std::vector<store::FamilyOptions> JournalFamilies() {
  return {{.name = "leaves", .compress = true},
          {.name = "tiles"},
          {.name = "exchanges", .compress = true, .filter = true},
          {.name = "open"},
          {.name = "keys"},
          {.name = "payloads"}};
}

absl::Status CheckLayout(uint32_t layout, absl::string_view written_by) {
  if (layout == kStoreLayout) return absl::OkStatus();
  if (layout > kStoreLayout) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the journal's store has layout ", layout, ", written by version ",
        written_by.empty() ? "(unknown)" : written_by, " of the program; this one reads layout ",
        kStoreLayout, ". Start that version or a later one. No record was changed."));
  }
  return absl::FailedPreconditionError(absl::StrCat("the journal's store has layout ", layout,
                                                    ", which no program has ever written; this one "
                                                    "reads layout ",
                                                    kStoreLayout,
                                                    ". Restore a backup. No record was changed."));
}

std::string NumberedKey(absl::string_view prefix, uint64_t number) {
  return absl::StrCat(prefix, core::BigEndian(number));
}

std::optional<uint64_t> NumberAt(absl::string_view prefix, const store::Cursor& cursor) {
  if (!cursor.Valid()) return std::nullopt;
  absl::string_view key = cursor.key();
  if (!absl::ConsumePrefix(&key, prefix) || key.size() != sizeof(uint64_t)) return std::nullopt;
  return core::ReadBigEndian<uint64_t>(key);
}

std::string LeafKey(uint64_t index) { return core::BigEndian(index); }

uint64_t LeafIndexOf(absl::string_view key) {
  NDX_CHECK(key.size() == sizeof(uint64_t));
  return core::ReadBigEndian<uint64_t>(key);
}

std::string TileKey(const TileId& tile) {
  return absl::StrCat(std::string(1, static_cast<char>(tile.level)), core::BigEndian(tile.index));
}

std::string ExchangeKey(const core::ExchangeId& exchange_id, absl::string_view consumer) {
  const crypto::Digest digest = crypto::Sha256Of({consumer});
  return absl::StrCat(exchange_id.bytes(), crypto::AsBytes(digest).substr(0, kConsumerDigestBytes));
}

std::string IntakeKeyKey(uint64_t hour) { return absl::StrCat("I", core::BigEndian(hour)); }
std::string ReferenceKeyKey(uint32_t year) { return absl::StrCat("R", core::BigEndian(year)); }
std::string WrapKeyKey(uint64_t leaf_index) {
  return absl::StrCat("X", core::BigEndian(leaf_index));
}

std::string EpochDirectory(const std::string& directory, uint32_t epoch) {
  return absl::StrFormat("%s/%s%04d", directory, kEpochPrefix, epoch);
}

absl::StatusOr<uint32_t> NewestEpoch(const std::string& directory) {
  uint32_t newest = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end;
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    absl::string_view number = name;
    uint32_t epoch = 0;
    if (absl::ConsumePrefix(&number, kEpochPrefix) && absl::SimpleAtoi(number, &epoch)) {
      newest = std::max(newest, epoch);
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(directory, ": ", error.message()));
  return newest;
}

std::string DatabaseDirectory(const std::string& epoch_directory) {
  return absl::StrCat(epoch_directory, "/db");
}
std::string SegmentDirectory(const std::string& epoch_directory) {
  return absl::StrCat(epoch_directory, "/segments");
}
std::string CheckpointPath(const std::string& epoch_directory) {
  return absl::StrCat(epoch_directory, "/checkpoint");
}

}  // namespace ndx::journal
