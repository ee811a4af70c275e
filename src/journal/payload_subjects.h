// Whom the parts of a payload concern, and who is told.
//
// Thread-safety: SubjectsOf() is thread-safe; a MethodTypesSource must be; observers are called by
// one thread at a time.
//
// A subject (chủ thể dữ liệu) is written as text: the value of a field with the option `subject`,
// and before it "insured:" or "enterprise:" where it is no personal identification number:
//   079085001234   insured:0123456789   enterprise:0101234567
// The same text goes into Journal::Reference(ReferenceKind::kSubject, …), into search and into the
// command that erases. A person's identification number and insurance number are two subjects.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "google/protobuf/descriptor.h"
#include "ndx/journal/journal_reader.h"
#include "ndx/journal/payload_parts.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

// The types of a method's request and answer. Null: not known (any more); its payloads are then
// taken to name no subject.
struct MethodTypes {
  const google::protobuf::Descriptor* request = nullptr;
  const google::protobuf::Descriptor* response = nullptr;
  std::shared_ptr<const void> owner;  // keeps both alive
};

// Gives the types of a method named as in leaves, "/package.Service/Method", as registered today.
using MethodTypesSource = std::function<MethodTypes(const std::string& method)>;

// The subjects named in each of these parts of messages of one type: as many lists as parts, each
// sorted and without repetition. A part that was cut out has those named within it, the rest of its
// message all others. A message that is not well-formed for its type has what was found before the
// fault. type may be null.
std::vector<std::vector<std::string>> SubjectsOf(const google::protobuf::Descriptor* type,
                                                 const std::vector<Part>& parts);

// The same of the parts into which one message was cut.
std::vector<std::vector<std::string>> SubjectsOfMessage(const google::protobuf::Descriptor* type,
                                                        absl::string_view message,
                                                        absl::Span<const Part> parts);

// A leaf that the follower of the log has passed.
struct FollowedLeaf {
  StoredLeaf leaf;
  // The subjects of its exchange as far as known at this leaf, under the reference key of the
  // leaf's year: those named in the request, and from the closing leaf on those named in the
  // answer.
  std::vector<v1::KeyedReference> subjects;
};

// Is told of every leaf, in order, at least once, on the follower's thread: may block on its own
// disk.
class LeafObserver {
 public:
  virtual ~LeafObserver() = default;

  // The index of the first leaf it wants to be told of next. Asked before each delivery; below what
  // was delivered before (0, for example), it is told again from there.
  virtual uint64_t NextLeaf() const = 0;

  // Leaves one after another, the first at NextLeaf(). An error ends this delivery; the follower
  // comes again.
  virtual absl::Status Observe(absl::Span<const FollowedLeaf> leaves) = 0;
};

}  // namespace ndx::journal
