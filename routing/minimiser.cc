#include "ndx/routing/minimiser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "wire_reader.h"

namespace ndx::routing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;
using Node = registry::FieldPlan::Node;

constexpr absl::string_view kMore = "…";

// The way from the root to a message, on the stack: its text is made only of what was removed.
struct Way {
  const Way* parent = nullptr;
  const FieldDescriptor* field = nullptr;  // null at the root
  size_t hash = 0;                         // of the field numbers so far

  Way To(const FieldDescriptor& inner) const {
    return {.parent = this, .field = &inner, .hash = absl::HashOf(hash, inner.number())};
  }

  std::string TextOf(absl::string_view name) const {
    size_t size = name.size();
    for (const Way* at = this; at->field != nullptr; at = at->parent) {
      size += at->field->name().size() + 1;
    }
    std::string text(size, '.');
    size -= name.size();
    text.replace(size, name.size(), name.data(), name.size());
    for (const Way* at = this; at->field != nullptr; at = at->parent) {
      const std::string& each = at->field->name();
      size -= each.size() + 1;
      text.replace(size, each.size(), each);
    }
    return text;
  }
};

// Distinct paths up to the limits, and whether there were more. Known again by their hash: absl's
// has a seed of the process, so nobody can send two paths that have the same one.
class RemovedPaths {
 public:
  // known: null for a field that the contract does not have.
  void Add(const Way& way, const FieldDescriptor* known, int number) {
    const size_t hash = absl::HashOf(way.hash, number, known == nullptr);
    if (std::find(hashes_.begin(), hashes_.end(), hash) != hashes_.end()) return;
    if (paths_.size() == kRemovedPathsMax) {
      more_ = true;
      return;
    }
    std::string path =
        known == nullptr ? way.TextOf(absl::StrCat("#", number)) : way.TextOf(known->name());
    if (bytes_ + path.size() > kRemovedPathBytesMax) {
      more_ = true;
      return;
    }
    if (paths_.empty()) {
      paths_.reserve(kRemovedPathsMax + 1);
      hashes_.reserve(kRemovedPathsMax);
    }
    bytes_ += path.size();
    hashes_.push_back(hash);
    paths_.push_back(std::move(path));
  }

  // In the order of their texts.
  std::vector<std::string> Take() {
    std::sort(paths_.begin(), paths_.end());
    if (more_) paths_.emplace_back(kMore);
    return std::move(paths_);
  }

 private:
  std::vector<size_t> hashes_;
  std::vector<std::string> paths_;
  size_t bytes_ = 0;
  bool more_ = false;
};

// What of one message's output a parser would overwrite by what comes later in it, where that does
// not stay as it was: it must go, or it would come back. An honest provider sends nothing of the
// kind.
//
// Of a oneof only the last member counts: when it is taken out, those before it go too. Occurrences
// of a singular message are one message to a parser, and a oneof within spans them all: from the
// second on they are put together, and written once at the end.
class Overwritten {
 public:
  struct Singular {
    const FieldDescriptor* field;
    const Node* below;
    WireType type;
    absl::string_view first;
    size_t begin;  // of the first one's output
    size_t end;
    bool joined = false;
    std::string all;  // payloads, from the second on
  };

  // A member of a oneof comes, to stay or not.
  void Comes(const FieldDescriptor& field, bool stays) {
    const OneofDescriptor* const oneof = field.real_containing_oneof();
    if (oneof == nullptr) return;
    std::erase_if(singulars_, [&](const Singular& other) {
      return other.field != &field && other.field->real_containing_oneof() == oneof;
    });
    const auto at = static_cast<size_t>(oneof->index());
    if (stays || members_.size() <= at) return;
    ranges_.insert(ranges_.end(), members_[at].begin(), members_[at].end());
    members_[at].clear();
  }

  // It stands in the output.
  void Stands(const FieldDescriptor& field, size_t begin, size_t end) {
    const OneofDescriptor* const oneof = field.real_containing_oneof();
    if (oneof == nullptr) return;
    const auto at = static_cast<size_t>(oneof->index());
    if (members_.size() <= at) members_.resize(at + 1);
    std::vector<Range>& ranges = members_[at];
    if (!ranges.empty() && ranges.back().end == begin) {
      ranges.back().end = end;
    } else {
      ranges.push_back({begin, end});
    }
  }

  // The first occurrence of a singular message of which not everything is selected.
  void AddSingular(Singular first) { singulars_.push_back(std::move(first)); }

  // Puts a further one to the first; false where there was none.
  bool Join(const FieldDescriptor& field, absl::string_view payload) {
    for (Singular& singular : singulars_) {
      if (singular.field != &field) continue;
      if (!singular.joined) {
        ranges_.push_back({singular.begin, singular.end});
        singular.all = std::string(singular.first);
        singular.joined = true;
        several_ = true;
      }
      singular.all.append(payload.data(), payload.size());
      return true;
    }
    return false;
  }

  // Takes out of the output what was overwritten.
  void Erase(std::string& out) {
    if (ranges_.empty()) return;
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    size_t kept_to = ranges_.front().begin;
    size_t from = kept_to;
    const auto keep_until = [&](size_t end) {
      if (end <= from) return;
      std::memmove(out.data() + kept_to, out.data() + from, end - from);
      kept_to += end - from;
    };
    for (const Range& range : ranges_) {
      keep_until(range.begin);
      from = std::max(from, range.end);
    }
    keep_until(out.size());
    out.resize(kept_to);
  }

  // Those that occurred more than once.
  template <typename Visit>
  bool ForEachJoined(Visit visit) const {
    if (!several_) return true;
    return std::all_of(singulars_.begin(), singulars_.end(), [&visit](const Singular& singular) {
      return !singular.joined || visit(singular);
    });
  }

 private:
  struct Range {
    size_t begin;
    size_t end;
  };
  std::vector<std::vector<Range>> members_;  // by the oneof's index
  std::vector<Singular> singulars_;
  std::vector<Range> ranges_;  // to be erased
  bool several_ = false;
};

class Filter {
 public:
  explicit Filter(RemovedPaths& removed) : removed_(removed) {}

  // Appends what may stay of a message. Without a node all known fields stay.
  bool Run(const Descriptor& type, const Node* node, absl::string_view bytes, const Way& way,
           int depth, std::string& out) {
    if (depth > kMessageDepthMax) return false;
    WireReader reader(bytes);
    WireField field;
    Overwritten overwritten;
    while (true) {
      const WireReader::Step step = reader.Next(field);
      if (step == WireReader::Step::kMalformed) return false;
      if (step == WireReader::Step::kEnd) break;
      const FieldDescriptor* known = type.FindFieldByNumber(field.number);
      const WireFit fit = known == nullptr ? WireFit::kOther : FitOf(*known, field);
      if (fit == WireFit::kMalformed) return false;
      if (fit == WireFit::kOther) {
        removed_.Add(way, nullptr, field.number);
        continue;
      }
      const Node* below = nullptr;
      const bool stays = Selected(node, *known, below);
      overwritten.Comes(*known, stays);
      if (!stays) {
        removed_.Add(way, known, field.number);
      } else if (!Keep(*known, below, field, way, depth, overwritten, out)) {
        return false;
      }
    }
    overwritten.Erase(out);
    return overwritten.ForEachJoined([&](const Overwritten::Singular& joined) {
      return CopyMessage(*joined.field, joined.below, joined.type, joined.all, way, depth, out);
    });
  }

 private:
  // below: what is selected within the field; null for all of it.
  static bool Selected(const Node* node, const FieldDescriptor& field, const Node*& below) {
    if (node == nullptr) return true;
    const auto selected = node->fields.find(field.number());
    if (selected == node->fields.end()) return false;
    below = selected->second.get();
    return true;
  }

  // Appends a selected field, or what may stay of it.
  bool Keep(const FieldDescriptor& known, const Node* below, const WireField& field, const Way& way,
            int depth, Overwritten& overwritten, std::string& out) {
    const size_t begin = out.size();
    if (known.message_type() == nullptr) {
      out.append(field.raw.data(), field.raw.size());
    } else {
      const bool singular = below != nullptr && !known.is_repeated();
      if (singular && overwritten.Join(known, field.payload)) {
        std::string ignored;  // each must be sound by itself
        return CopyMessage(known, below, field.type, field.payload, way, depth, ignored);
      }
      if (!CopyMessage(known, below, field.type, field.payload, way, depth, out)) return false;
      if (singular) {
        overwritten.AddSingular({.field = &known,
                                 .below = below,
                                 .type = field.type,
                                 .first = field.payload,
                                 .begin = begin,
                                 .end = out.size()});
      }
    }
    overwritten.Stands(known, begin, out.size());
    return true;
  }

  bool CopyMessage(const FieldDescriptor& known, const Node* below, WireType type,
                   absl::string_view payload, const Way& way, int depth, std::string& out) {
    const auto tag = [&](WireType wire_type) {
      AppendVarint(static_cast<uint64_t>(known.number()) << 3U | static_cast<uint64_t>(wire_type),
                   out);
    };
    tag(type);
    const size_t length_at = out.size();
    // The length that came; put right where less is left.
    if (type == WireType::kLengthDelimited) AppendVarint(payload.size(), out);
    const size_t begin = out.size();
    if (!Run(*known.message_type(), below, payload, way.To(known), depth + 1, out)) return false;
    if (type == WireType::kStartGroup) {
      tag(WireType::kEndGroup);
    } else if (out.size() - begin != payload.size()) {
      std::string length;
      AppendVarint(out.size() - begin, length);
      out.replace(length_at, begin - length_at, length);
    }
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
  if (!Filter(removed).Run(*plan.root().type, &plan.root(), message, Way{}, 0, minimised.bytes)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the bytes are no ", plan.root().type->full_name()));
  }
  minimised.removed = removed.Take();
  return minimised;
}

}  // namespace ndx::routing
