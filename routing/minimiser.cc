#include "ndx/routing/minimiser.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "wire_reader.h"

namespace ndx::routing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Node = registry::FieldPlan::Node;

constexpr absl::string_view kMore = "…";

// Distinct paths up to the limits, and whether there were more.
class RemovedPaths {
 public:
  void Add(const std::string& parent, absl::string_view name) {
    std::string path = parent.empty() ? std::string(name) : absl::StrCat(parent, ".", name);
    if (paths_.contains(path)) return;
    if (paths_.size() == kRemovedPathsMax || bytes_ + path.size() > kRemovedPathBytesMax) {
      more_ = true;
      return;
    }
    bytes_ += path.size();
    paths_.insert(std::move(path));
  }

  std::vector<std::string> Take() {
    std::vector<std::string> list(paths_.begin(), paths_.end());
    if (more_) list.emplace_back(kMore);
    return list;
  }

 private:
  std::set<std::string> paths_;
  size_t bytes_ = 0;
  bool more_ = false;
};

class Filter {
 public:
  explicit Filter(RemovedPaths& removed) : removed_(removed) {}

  // Appends what may stay of a message. Without a node all known fields stay.
  bool Run(const Descriptor& type, const Node* node, absl::string_view bytes,
           const std::string& path, int depth, std::string& out) {
    if (depth > kMessageDepthMax) return false;
    WireReader reader(bytes);
    WireField field;
    while (true) {
      const WireReader::Step step = reader.Next(field);
      if (step == WireReader::Step::kEnd) return true;
      if (step == WireReader::Step::kMalformed) return false;
      if (!RunField(type, node, field, path, depth, out)) return false;
    }
  }

 private:
  bool RunField(const Descriptor& type, const Node* node, const WireField& field,
                const std::string& path, int depth, std::string& out) {
    const FieldDescriptor* known = type.FindFieldByNumber(field.number);
    const WireFit fit = known == nullptr ? WireFit::kOther : FitOf(*known, field);
    if (fit == WireFit::kMalformed) return false;
    if (fit == WireFit::kOther) {
      removed_.Add(path, absl::StrCat("#", field.number));
      return true;
    }
    const Node* below = nullptr;
    if (node != nullptr) {
      const auto selected = node->fields.find(field.number);
      if (selected == node->fields.end()) {
        removed_.Add(path, known->name());
        return true;
      }
      below = selected->second.get();
    }
    if (known->message_type() == nullptr) {
      out.append(field.raw.data(), field.raw.size());
      return true;
    }
    std::string content;
    content.reserve(field.payload.size());
    const std::string inner_path =
        path.empty() ? known->name() : absl::StrCat(path, ".", known->name());
    if (!Run(*known->message_type(), below, field.payload, inner_path, depth + 1, content)) {
      return false;
    }
    const auto tag = [&](WireType wire_type) {
      AppendVarint(static_cast<uint64_t>(field.number) << 3U | static_cast<uint64_t>(wire_type),
                   out);
    };
    tag(field.type);
    if (field.type == WireType::kLengthDelimited) AppendVarint(content.size(), out);
    out.append(content);
    if (field.type == WireType::kStartGroup) tag(WireType::kEndGroup);
    return true;
  }

  RemovedPaths& removed_;
};

}  // namespace

absl::StatusOr<MinimisedMessage> Minimise(const registry::FieldPlan& plan,
                                          absl::string_view message) {
  MinimisedMessage minimised;
  minimised.bytes.reserve(message.size());
  RemovedPaths removed;
  if (!Filter(removed).Run(*plan.root().type, &plan.root(), message, "", 0, minimised.bytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the bytes are no ", plan.root().type->full_name()));
  }
  minimised.removed = removed.Take();
  return minimised;
}

}  // namespace ndx::routing
