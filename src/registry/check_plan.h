// The check rules of a message type, collected once from the field options of the registered
// descriptors, so that checking a request looks at the fields that have a rule and passes over the
// rest.
//
// Thread-safety: immutable. Ownership: borrows the descriptors, which must outlive it.
#pragma once

#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "ndx/options/v1/options.pb.h"

namespace ndx::registry {

class CheckPlan {
 public:
  struct MessageChecks;

  struct FieldCheck {
    const google::protobuf::FieldDescriptor* field = nullptr;
    options::v1::Format format = options::v1::FORMAT_UNSPECIFIED;
    bool required = false;
    // A breach is told, not refused.
    bool warn = false;
    // Checks of the field's own message type; null when nothing below it has a rule.
    MessageChecks* below = nullptr;
  };

  struct MessageChecks {
    const google::protobuf::Descriptor* type = nullptr;
    std::vector<FieldCheck> checks;          // fields with a rule, or with rules below
    absl::flat_hash_map<int, size_t> index;  // field number → index in checks
  };

  CheckPlan() = default;

  // kInvalidArgument, naming the field, for a format on a field that is no text.
  static absl::StatusOr<CheckPlan> Compile(const google::protobuf::Descriptor& type);

  // What is done about a breach of the field at `path` (FieldMask form, through repeated fields
  // too), or of every field where it is empty. Messages of one type have one set of rules: the
  // field is meant wherever its message occurs in the request. kInvalidArgument where no rule is at
  // the path.
  absl::Status SetWarn(absl::string_view path, bool warn);

  // Null when no field of the type, at any depth, has a rule.
  const MessageChecks* root() const { return root_; }

 private:
  std::vector<std::unique_ptr<MessageChecks>> owned_;
  MessageChecks* root_ = nullptr;
};

}  // namespace ndx::registry
