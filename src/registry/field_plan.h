// A list of field paths compiled against a message type: what a grant lets through.
//
// A path is field names joined by dots, as in FieldMask: `citizen.full_name`. It selects everything
// below its last field. It may pass through repeated messages (all elements), not through maps,
// which are selected whole.
//
// Thread-safety: immutable. Ownership: borrows the descriptors, which must outlive it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace ndx::registry {

class FieldPlan {
 public:
  // What is selected of one message type.
  struct Node {
    const google::protobuf::Descriptor* type = nullptr;
    // Selected fields by number: null selects the whole field, else what is selected within it.
    absl::flat_hash_map<int, std::unique_ptr<Node>> fields;
  };

  // Compiles one path after the other. kInvalidArgument, naming path and nearest field, for a path
  // that does not exist, is empty or passes through a map or a scalar.
  static absl::StatusOr<FieldPlan> Compile(const google::protobuf::Descriptor& type,
                                           const std::vector<std::string>& paths);

  const Node& root() const { return *root_; }

  // How much of what a path names is selected.
  enum class Part { kNone, kSome, kAll };
  Part Selects(absl::string_view path) const;

  // One path alone: OK or why not.
  static absl::Status CheckPath(const google::protobuf::Descriptor& type, absl::string_view path);

 private:
  std::unique_ptr<Node> root_;
};

}  // namespace ndx::registry
