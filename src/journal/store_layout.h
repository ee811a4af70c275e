// Where things are in a journal's directory and database. Private to this folder; the table is in
// README.md.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
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
inline constexpr absl::string_view kPruneStateKey = "prune_state";
// And with a number behind them:
inline constexpr absl::string_view kPrunedListPrefix = "pruned_";     // of a leaf: PrunedLeaves
inline constexpr absl::string_view kKeptBackPrefix = "kept_back_";    // of a closing leaf: nothing
inline constexpr absl::string_view kSegmentFreedPrefix = "segment_";  // of a segment: u64 bytes

inline constexpr uint32_t kStoreLayout = 1;

// OK for a layout that this program reads; else kFailedPrecondition, saying which program is
// needed. written_by: the version of the program that wrote it, as far as known.
absl::Status CheckLayout(uint32_t layout, absl::string_view written_by);

std::string NumberedKey(absl::string_view prefix, uint64_t number);
// The number of the key that the cursor is at; nullopt if the key has another prefix, or none.
std::optional<uint64_t> NumberAt(absl::string_view prefix, const store::Cursor& cursor);

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
