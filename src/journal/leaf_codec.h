// Bytes of a leaf: the bytes stored are the bytes hashed and are never serialized again.
//
// Thread-safety: thread-safe.
// The limits below bound every field, so that a leaf that keeps them fits kLeafBytesMax whatever it
// holds; the proof is a static_assert in leaf_codec.cc. Callers keep to them before they append.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/core/limits.h"
#include "ndx/core/system_id.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

inline constexpr size_t kLeafSystemBytesMax = core::SystemId::kTextLengthMax;
inline constexpr size_t kLeafRelaysMax = core::kRelayHopsMax + 1;  // and this node itself
inline constexpr size_t kLeafRuleBytesMax = 64;
inline constexpr size_t kLeafReasonBytesMax = 48;
inline constexpr size_t kLeafBusinessCodeBytesMax = 64;
inline constexpr size_t kLeafResolutionBytesMax = 64;
inline constexpr size_t kLeafKeyIdBytesMax = 64;
inline constexpr size_t kLeafOperatorNameBytesMax = 64;
inline constexpr size_t kLeafOperatorReasonBytesMax = 256;
inline constexpr size_t kLeafOperatorActionBytesMax = 128;
inline constexpr size_t kLeafVersionBytesMax = 64;
inline constexpr size_t kLeafNoteBytesMax = 600;
inline constexpr size_t kLeafHandshakeCausesMax = 8;
inline constexpr size_t kLeafHandshakeCauseBytesMax = 40;
// Paths of removed fields, with two bytes for each; a longer list is kept beside the leaf.
inline constexpr size_t kLeafFieldsRemovedBytesMax = 256;

// kInvalidArgument, naming the field, if one is longer than its limit or has a wrong fixed length.
absl::Status CheckLeaf(const v1::JournalLeaf& leaf);

// If the list of removed fields is too long for the leaf, replaces it by its digest and returns the
// bytes to keep beside it; otherwise an empty string.
std::string MoveFieldsRemovedAside(v1::JournalLeaf* leaf);

// The bytes, deterministic for the same message. kInvalidArgument as CheckLeaf().
absl::StatusOr<std::string> EncodeLeaf(const v1::JournalLeaf& leaf);

// kDataLoss if the bytes are no leaf of a known version.
absl::StatusOr<v1::JournalLeaf> DecodeLeaf(absl::string_view bytes);
// The same into a leaf that was used before.
absl::Status DecodeLeafInto(absl::string_view bytes, v1::JournalLeaf* leaf);

}  // namespace ndx::journal
