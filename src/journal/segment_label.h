// What stands in the label of a segment record: which exchange's payload it is, readable without
// the database. Private to this folder.
//
// Thread-safety: thread-safe.
// Format, 24 bytes: exchange id (16), u8 leaf version, u8 direction, u16 attempt, 4 zero bytes.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/exchange_id.h"
#include "ndx/journal/sealing.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/segment_store.h"

namespace ndx::journal {

inline std::string SegmentLabel(const core::ExchangeId& exchange_id, uint8_t direction,
                                uint32_t attempt) {
  std::string label(exchange_id.bytes());
  label.push_back(static_cast<char>(kLeafVersion));
  label.push_back(static_cast<char>(direction));
  core::AppendBigEndian(static_cast<uint16_t>(attempt), &label);
  label.resize(store::kSegmentLabelBytes, '\0');
  return label;
}

inline v1::SegmentPiece PieceOf(const store::SegmentPlace& place) {
  v1::SegmentPiece piece;
  piece.set_segment(place.segment);
  piece.set_offset(place.offset);
  piece.set_length(place.length);
  return piece;
}

inline store::SegmentPlace PlaceOf(const v1::SegmentPiece& piece) {
  return {.segment = piece.segment(), .offset = piece.offset(), .length = piece.length()};
}

}  // namespace ndx::journal
