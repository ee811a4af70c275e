// A leaf as one line of JSON, for people and for programs that know no protobuf:
//
//   {"index":17,"leaf_hash":"HEX","leaf":"BASE64","record":{…}}
//
// leaf holds the bytes as hashed, record the same in words. Who verifies uses the first and holds
// the second against it.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

// Without a newline. kDataLoss if the bytes are no leaf.
absl::StatusOr<std::string> FormatLeafLine(uint64_t index, absl::string_view leaf);

struct LeafLine {
  uint64_t index = 0;
  std::string bytes;
  v1::JournalLeaf leaf;
};

// kInvalidArgument for another form; kDataLoss if hash, bytes and record do not agree.
absl::StatusOr<LeafLine> ParseLeafLine(absl::string_view line);

}  // namespace ndx::journal
