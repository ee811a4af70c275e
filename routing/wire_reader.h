// Fields of a serialized message, one after the other, without copying. Private to the folder.
//
// Stricter than protobuf's own parser where that is lenient (tags of more than 32 bits), never more
// lenient.
//
// Thread-safety: value type. Ownership: borrows the bytes.
// Source: https://protobuf.dev/programming-guides/encoding
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace ndx::routing {

// Messages within messages, and groups within groups; protobuf's own default.
inline constexpr int kMessageDepthMax = 100;

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kStartGroup = 3,
  kEndGroup = 4,
  kFixed32 = 5,
};

struct WireField {
  int number = 0;
  WireType type = WireType::kVarint;
  uint64_t varint = 0;  // of kVarint
  absl::string_view
      payload;  // of kLengthDelimited, kFixed32, kFixed64; of kStartGroup what is between the tags
  absl::string_view raw;  // the whole field, tag included
};

class WireReader {
 public:
  enum class Step { kField, kEnd, kMalformed };

  explicit WireReader(absl::string_view bytes) : rest_(bytes) {}

  // Reads the next field. After kMalformed nothing more can be read.
  Step Next(WireField& field);

 private:
  Step Fail();
  bool ReadValue(WireField& field, int depth);
  bool ReadGroup(WireField& field, int depth);
  bool ReadTag(WireField& field);

  absl::string_view rest_;
};

// One varint off the front of the bytes; false when there is none.
bool TakeVarint(absl::string_view& bytes, uint64_t& value);

void AppendVarint(uint64_t value, std::string& out);

// Whether a field on the wire is one of its descriptor's type.
enum class WireFit {
  kFits,       // one value
  kPacked,     // several values of a repeated field
  kOther,      // another type: a parser keeps it as an unknown field
  kMalformed,  // of this type, and broken within
};
WireFit FitOf(const google::protobuf::FieldDescriptor& descriptor, const WireField& field);

}  // namespace ndx::routing
