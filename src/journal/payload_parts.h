// Cutting a payload into parts and putting it together again.
//
// Thread-safety: thread-safe; a CutPlan is immutable.
//
// Every message is a part of kind kMessage: u32 length of the whole message, then its bytes without
// the elements cut out. Every element of a repeated field (or value entry of a map) whose type has
// a field with the option `subject` directly in it is a part of kind kElement before its message:
// u32 offset of the element's value in the whole message, then the value. Integers are big-endian.
// A message that is not well-formed for its type, or has no type, is not cut.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace ndx::journal {

inline constexpr size_t kPayloadPartsMax = size_t{1} << 18;

enum class PartKind : uint8_t { kMessage = 0, kElement = 1, kSignature = 2 };

struct Part {
  PartKind kind = PartKind::kMessage;
  std::string plaintext;
  // Its key is gone: of plaintext only the length is known.
  bool unreadable = false;
};

// Where the messages of one type are cut. Made once for a type; most types are not cut at all.
class CutPlan {
 public:
  // descriptor may be null. The plan must not outlive the descriptor's pool.
  explicit CutPlan(const google::protobuf::Descriptor* descriptor);

  bool cuts() const { return !types_.empty(); }

  // Appends the parts of one message. kResourceExhausted past kPayloadPartsMax.
  absl::Status Cut(absl::string_view message, std::vector<Part>* parts) const;

 private:
  struct Range {
    size_t begin;
    size_t end;
  };
  // What to do with a field: null means cut its values out, otherwise look inside.
  using Fields = std::map<int, const google::protobuf::Descriptor*>;

  bool Find(absl::string_view message, size_t base, const google::protobuf::Descriptor* type,
            int depth, std::vector<Range>* ranges) const;

  const google::protobuf::Descriptor* root_ = nullptr;
  std::map<const google::protobuf::Descriptor*, Fields> types_;
};

// Where the value of a part that was cut out begins in its message; 0 of other parts.
uint32_t OffsetOf(const Part& part);

// The messages of which these are the parts; signature parts are left out. kDataLoss if they do not
// fit together.
absl::StatusOr<std::vector<std::string>> JoinParts(const std::vector<Part>& parts);

}  // namespace ndx::journal
