// Keys and values of the index database. The table of formats is in README.md. Private to this
// folder.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::search {

// First byte of a posting's key. Numbers are for ever (or until the index is built anew).
enum class IndexField : uint8_t {
  // Values are numbered by the dictionary: 4 bytes.
  kConsumer = 1,
  kProvider = 2,
  kMethod = 3,
  kEvent = 4,
  kReason = 5,
  kPurpose = 6,
  kProcedure = 7,
  kRelay = 8,
  kOperator = 9,
  kCode = 10,
  kGrant = 11,
  kAction = 12,
  kDuration = 13,      // bucket of microseconds
  kRequestSize = 14,   // bucket of bytes
  kResponseSize = 15,  // bucket of bytes
  kUnsettled = 16,     // open exchanges and those in doubt, until they are no longer
  // Values are 16 bytes by themselves.
  kDossier = 32,
  kOfficer = 33,
  kSubject = 34,
  kReplayOf = 35,
};

inline constexpr uint8_t kKeyedFieldMin = 32;
inline constexpr size_t kKeyedValueBytes = 16;

inline bool IsKeyed(IndexField field) { return static_cast<uint8_t>(field) >= kKeyedFieldMin; }

// Number of a dictionary value that stands for every value past the dictionary's limit.
inline constexpr uint32_t kOverflowNumber = 0xFFFFFFFF;

// Prefix of all postings of a value.
std::string PostingPrefix(IndexField field, uint32_t number);
std::string PostingPrefix(IndexField field, absl::string_view keyed_value);

// Key of the postings of a value that begin with this leaf.
std::string PostingKey(absl::string_view prefix, uint64_t first);

// The leaves after the first, ascending, as varint gaps.
std::string EncodeGaps(const std::vector<uint64_t>& leaves, size_t begin, size_t end);
// All leaves of a key; false if the bytes are none.
bool DecodeLeaves(uint64_t first, absl::string_view gaps, std::vector<uint64_t>* leaves);

// Keys of what is no posting: they begin with a zero byte.
std::string MarkKey();    // watermark and hash of the last leaf
std::string LayoutKey();  // version of this layout
std::string ValueKey(IndexField field, absl::string_view text);  // dictionary
std::string BlockKey(uint64_t block);                            // times of a block of leaves
std::string ValuePrefix();
std::string BlockPrefix();

// Buckets of a quarter of an octave: 0, 1, 2, 3, 4, 5, 6, 7, 8–9, 10–11 …
inline constexpr uint32_t kBuckets = 252;
uint32_t BucketOf(uint64_t number);
// "000" to "251".
const std::string& BucketText(uint32_t bucket);

}  // namespace ndx::search
