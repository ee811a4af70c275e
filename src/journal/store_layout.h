// Where things are in a journal's directory and database. Private to this folder; the table is in
// README.md.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/tile_tree.h"
#include "ndx/store/database.h"

namespace ndx::journal {

// Column families. Leaves are alone in theirs: random keys beside them would cost as much as
// everything else together.
inline constexpr store::Family kMetaFamily = store::kDefaultFamily;
inline constexpr store::Family kLeafFamily = 1;
inline constexpr store::Family kTileFamily = 2;
inline constexpr store::Family kExchangeFamily = 3;
inline constexpr store::Family kOpenFamily = 4;
inline constexpr store::Family kKeyFamily = 5;
inline constexpr store::Family kPayloadFamily = 6;

std::vector<store::FamilyOptions> JournalFamilies();

// Keys of kMetaFamily.
inline constexpr absl::string_view kHeaderKey = "header";
inline constexpr absl::string_view kEdgeKey = "edge";
inline constexpr absl::string_view kCleanStopKey = "clean_stop";
inline constexpr absl::string_view kMovedToKey = "moved_to";
inline constexpr absl::string_view kScrubDueKey = "scrub_due";
inline constexpr absl::string_view kSigningKeysKey = "signing_keys";
inline constexpr absl::string_view kUnrecordedKeyChangeKey = "unrecorded_key_change";

inline constexpr uint32_t kStoreLayout = 1;

std::string LeafKey(uint64_t index);  // kLeafFamily, kPayloadFamily, kOpenFamily
uint64_t LeafIndexOf(absl::string_view key);
std::string TileKey(const TileId& tile);  // kTileFamily
// kExchangeFamily: the id, then 8 bytes of the consumer's digest, so that two consumers may choose
// the same id.
std::string ExchangeKey(const core::ExchangeId& exchange_id, absl::string_view consumer);
// kKeyFamily.
std::string IntakeKeyKey(uint64_t hour);
std::string ReferenceKeyKey(uint32_t year);
std::string WrapKeyKey(uint64_t leaf_index);

// Directories of the epochs: <directory>/epoch-NNNN.
std::string EpochDirectory(const std::string& directory, uint32_t epoch);
// The highest epoch there is; 0 for none.
absl::StatusOr<uint32_t> NewestEpoch(const std::string& directory);
std::string DatabaseDirectory(const std::string& epoch_directory);
std::string SegmentDirectory(const std::string& epoch_directory);
std::string CheckpointPath(const std::string& epoch_directory);

}  // namespace ndx::journal
