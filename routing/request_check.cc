#include "ndx/routing/request_check.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ndx/routing/format_rules.h"
#include "wire_reader.h"

namespace ndx::routing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using FieldCheck = registry::CheckPlan::FieldCheck;
using MessageChecks = registry::CheckPlan::MessageChecks;
using Node = registry::FieldPlan::Node;

// What applies to one message: check rules and the request fields of the grant, either of which may
// be absent.
struct Scope {
  const Descriptor* type = nullptr;
  const MessageChecks* checks = nullptr;
  bool masked = false;         // unknown fields are refused
  const Node* mask = nullptr;  // null: every known field
};

std::string Child(const std::string& path, absl::string_view name) {
  return path.empty() ? std::string(name) : absl::StrCat(path, ".", name);
}

std::string Element(const std::string& path, const FieldDescriptor& field, size_t at) {
  std::string child = Child(path, field.name());
  if (field.is_repeated()) absl::StrAppend(&child, "[", at, "]");
  return child;
}

// The violations of one request, up to the limit.
class Violations {
 public:
  void Add(std::string field, absl::string_view vi, absl::string_view en) {
    if (list_.size() < kViolationsMax) {
      list_.push_back({std::move(field), std::string(vi), std::string(en)});
    }
  }
  std::vector<core::FieldViolation> Take() { return std::move(list_); }

 private:
  std::vector<core::FieldViolation> list_;
};

// First walk: every byte is looked at once. Is it a message of the type, do texts have their form,
// is each field granted?
class ContentWalk {
 public:
  ContentWalk(Violations& violations, Violations& warnings)
      : violations_(violations), warnings_(warnings) {}

  // False when the bytes are no message of the type.
  bool Message(const Scope& scope, absl::string_view bytes, const std::string& path, int depth) {
    if (depth > kMessageDepthMax) return false;
    absl::flat_hash_map<int, size_t> counts;  // elements so far, of repeated fields
    WireReader reader(bytes);
    WireField wire;
    while (true) {
      const WireReader::Step step = reader.Next(wire);
      if (step == WireReader::Step::kEnd) return true;
      if (step == WireReader::Step::kMalformed || !Field(scope, wire, path, depth, counts)) {
        return false;
      }
    }
  }

 private:
  bool Field(const Scope& scope, const WireField& wire, const std::string& path, int depth,
             absl::flat_hash_map<int, size_t>& counts) {
    const FieldDescriptor* field = scope.type->FindFieldByNumber(wire.number);
    if (field == nullptr) {
      if (scope.masked) OutsideGrant(Child(path, absl::StrCat("#", wire.number)));
      return true;
    }
    // A parser would keep a field of another wire type as unknown; nothing well-meant sends one.
    const WireFit fit = FitOf(*field, wire);
    if (fit == WireFit::kMalformed || fit == WireFit::kOther) return false;
    const size_t at = field->is_repeated() ? counts[wire.number]++ : 0;
    const bool granted = scope.mask == nullptr || scope.mask->fields.contains(wire.number);
    if (!granted && at == 0) OutsideGrant(Child(path, field->name()));
    const FieldCheck* check = CheckOf(scope, wire.number);
    if (field->message_type() == nullptr) {
      if (granted && check != nullptr && check->format != options::v1::FORMAT_UNSPECIFIED) {
        Format(*check, wire.payload, path, at);
      }
      return true;
    }
    Scope below{.type = field->message_type()};
    if (granted) {
      below.checks = check == nullptr ? nullptr : check->below;
      below.masked = scope.masked;
      below.mask = scope.mask == nullptr ? nullptr : scope.mask->fields.at(wire.number).get();
    }
    return Message(below, wire.payload, Element(path, *field, at), depth + 1);
  }

  static const FieldCheck* CheckOf(const Scope& scope, int number) {
    if (scope.checks == nullptr) return nullptr;
    const auto found = scope.checks->index.find(number);
    return found == scope.checks->index.end() ? nullptr : &scope.checks->checks[found->second];
  }

  void Format(const FieldCheck& check, absl::string_view text, const std::string& path, size_t at) {
    const FormatVerdict verdict = CheckFormat(check.format, text);
    if (verdict.kind == FormatVerdict::Kind::kGood) return;
    const bool refused = verdict.kind == FormatVerdict::Kind::kBad && !check.warn;
    (refused ? violations_ : warnings_)
        .Add(Element(path, *check.field, at), verdict.rule_vi, verdict.rule_en);
  }

  void OutsideGrant(std::string field) {
    violations_.Add(std::move(field), "nằm ngoài quyền khai thác; hãy bỏ trường này",
                    "is outside the grant; leave it out");
  }

  Violations& violations_;
  Violations& warnings_;
};

bool IsAllZero(absl::string_view bytes) {
  return bytes.find_first_not_of('\0') == absl::string_view::npos;
}

// Whether a value counts as given. A field with presence is given by being there, but a text must
// say something all the same.
bool IsFilled(const FieldDescriptor& field, const WireField& wire) {
  if (field.is_repeated())
    return wire.type != WireType::kLengthDelimited || !field.is_packable() || !wire.payload.empty();
  if (field.type() == FieldDescriptor::TYPE_STRING || field.type() == FieldDescriptor::TYPE_BYTES) {
    return !wire.payload.empty();
  }
  if (field.has_presence()) return true;
  return wire.type == WireType::kVarint ? wire.varint != 0 : !IsAllZero(wire.payload);
}

// Second walk, over bytes known to be well formed: is what is required there? A message comes in
// pieces: occurrences of a singular message field are one message, the merge of them all, as a
// parser reads them.
class RequiredWalk {
 public:
  using Pieces = std::vector<absl::string_view>;

  RequiredWalk(Violations& violations, Violations& warnings)
      : violations_(violations), warnings_(warnings) {}

  void Message(const MessageChecks& checks, const Pieces& pieces, const std::string& path) {
    std::vector<Seen> seen(checks.checks.size());
    for (const absl::string_view piece : pieces) {
      WireReader reader(piece);
      WireField wire;
      while (reader.Next(wire) == WireReader::Step::kField) Field(checks, wire, path, seen);
    }
    for (size_t i = 0; i < seen.size(); ++i) {
      const FieldCheck& check = checks.checks[i];
      if (check.required && !seen[i].filled) {
        (check.warn ? warnings_ : violations_)
            .Add(Child(path, check.field->name()), "không được để trống", "must not be empty");
      }
      if (check.below != nullptr && !seen[i].pieces.empty()) {
        Message(*check.below, seen[i].pieces, Child(path, check.field->name()));
      }
    }
  }

 private:
  struct Seen {
    bool filled = false;
    size_t elements = 0;
    Pieces pieces;  // of a singular message
  };

  void Field(const MessageChecks& checks, const WireField& wire, const std::string& path,
             std::vector<Seen>& seen) {
    const FieldDescriptor* field = checks.type->FindFieldByNumber(wire.number);
    if (field == nullptr) return;
    ClearOneof(checks, *field, seen);
    const auto index = checks.index.find(wire.number);
    if (index == checks.index.end()) return;
    Seen& own = seen[index->second];
    own.filled = IsFilled(*field, wire) || (field->is_repeated() && own.filled);
    const MessageChecks* below = checks.checks[index->second].below;
    if (below == nullptr) return;
    if (field->is_repeated()) {
      Message(*below, {wire.payload}, Element(path, *field, own.elements++));
    } else {
      own.pieces.push_back(wire.payload);
    }
  }

  // Setting one member of a oneof clears the others.
  static void ClearOneof(const MessageChecks& checks, const FieldDescriptor& field,
                         std::vector<Seen>& seen) {
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return;
    for (size_t i = 0; i < seen.size(); ++i) {
      const FieldDescriptor& other = *checks.checks[i].field;
      if (&other != &field && other.real_containing_oneof() == oneof) seen[i] = Seen();
    }
  }

  Violations& violations_;
  Violations& warnings_;
};

}  // namespace

RequestCheck CheckRequest(const registry::MethodEntry& method, const registry::MethodGrant* grant,
                          absl::string_view body) {
  RequestCheck result;
  const MessageChecks* checks = method.checks.root();
  const bool masked = grant != nullptr && grant->request_fields.has_value();
  if (!masked && checks == nullptr) return result;
  const Scope scope{.type = method.input,
                    .checks = checks,
                    .masked = masked,
                    .mask = masked ? &grant->request_fields->root() : nullptr};
  Violations violations;
  Violations warnings;
  if (!ContentWalk(violations, warnings).Message(scope, body, "", 0)) {
    result.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_REQUEST_UNREADABLE,
                                   .parameters = {{"type", method.input->full_name()}}};
    return result;
  }
  if (checks != nullptr) RequiredWalk(violations, warnings).Message(*checks, {body}, "");
  result.warnings = warnings.Take();
  std::vector<core::FieldViolation> found = violations.Take();
  if (found.empty()) return result;
  const core::FieldViolation first = found.front();
  result.refusal = core::Refusal{.reason = exchange::v1::ERROR_REASON_FIELD_INVALID,
                                 .parameters = {{"field", first.field},
                                                {"rule_vi", first.description_vi},
                                                {"rule_en", first.description_en}},
                                 .violations = std::move(found)};
  return result;
}

}  // namespace ndx::routing
