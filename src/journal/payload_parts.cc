#include "ndx/journal/payload_parts.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"
#include "ndx/options/v1/options.pb.h"
#include "wire_reading.h"

namespace ndx::journal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 100;

bool IsAboutSubject(const Descriptor* type) {
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& rules = type->field(i)->options().GetExtension(options::v1::field);
    if (rules.subject() != options::v1::SUBJECT_UNSPECIFIED) return true;
  }
  return false;
}

bool IsCutField(const FieldDescriptor* field) {
  if (field->is_map()) {
    const FieldDescriptor* value = field->message_type()->map_value();
    return value->message_type() != nullptr && IsAboutSubject(value->message_type());
  }
  return field->is_repeated() && IsAboutSubject(field->message_type());
}

void CollectTypes(const Descriptor* type, std::set<const Descriptor*>* seen) {
  if (!seen->insert(type).second) return;
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->message_type() != nullptr) {
      CollectTypes(type->field(i)->message_type(), seen);
    }
  }
}

}  // namespace

CutPlan::CutPlan(const Descriptor* descriptor) : root_(descriptor) {
  if (descriptor == nullptr) return;
  std::set<const Descriptor*> reachable;
  CollectTypes(descriptor, &reachable);
  // A type is of interest if it has a field to cut, or leads to one that has: to a fixed point,
  // since types may contain themselves.
  for (bool changed = true; changed;) {
    changed = false;
    for (const Descriptor* type : reachable) {
      for (int i = 0; i < type->field_count(); ++i) {
        const FieldDescriptor* field = type->field(i);
        if (field->message_type() == nullptr) continue;
        const bool cut = IsCutField(field);
        if (!cut && !types_.contains(field->message_type())) continue;
        changed |=
            types_[type].emplace(field->number(), cut ? nullptr : field->message_type()).second;
      }
    }
  }
  if (!types_.contains(descriptor)) types_.clear();
}

bool CutPlan::Find(absl::string_view message, size_t base, const Descriptor* type, int depth,
                   std::vector<Range>* ranges) const {
  if (depth > kDepthMax) return false;
  const Fields& fields = types_.at(type);
  size_t at = 0;
  while (at < message.size()) {
    uint32_t number = 0;
    uint32_t wire_type = 0;
    if (!ReadTag(message, &at, &number, &wire_type)) return false;
    if (wire_type != kLengthDelimited) {
      if (!SkipScalar(message, wire_type, &at)) return false;
      continue;
    }
    uint64_t size = 0;
    if (!ReadVarint(message, &at, &size) || size > message.size() - at) return false;
    const auto field = fields.find(static_cast<int>(number));
    if (field != fields.end() && field->second == nullptr) {
      ranges->push_back({base + at, base + at + size});
    } else if (field != fields.end() &&
               !Find(message.substr(at, size), base + at, field->second, depth + 1, ranges)) {
      return false;
    }
    at += size;
  }
  return true;
}

absl::Status CutPlan::Cut(absl::string_view message, std::vector<Part>* parts) const {
  std::vector<Range> ranges;
  if (cuts() && !Find(message, 0, root_, 0, &ranges)) ranges.clear();
  if (parts->size() + ranges.size() + 1 > kPayloadPartsMax) {
    return absl::ResourceExhaustedError("the payload has too many parts");
  }
  Part rest{.kind = PartKind::kMessage,
            .plaintext = core::BigEndian(static_cast<uint32_t>(message.size()))};
  size_t at = 0;
  for (const Range& range : ranges) {
    parts->push_back(
        {.kind = PartKind::kElement,
         .plaintext = absl::StrCat(core::BigEndian(static_cast<uint32_t>(range.begin)),
                                   message.substr(range.begin, range.end - range.begin))});
    absl::StrAppend(&rest.plaintext, message.substr(at, range.begin - at));
    at = range.end;
  }
  absl::StrAppend(&rest.plaintext, message.substr(at));
  parts->push_back(std::move(rest));
  return absl::OkStatus();
}

uint32_t OffsetOf(const Part& part) {
  const bool placed = part.kind == PartKind::kElement && part.plaintext.size() >= sizeof(uint32_t);
  return placed ? core::ReadBigEndian<uint32_t>(part.plaintext) : 0;
}

absl::StatusOr<std::vector<std::string>> JoinParts(const std::vector<Part>& parts) {
  const absl::Status broken = absl::DataLossError("the parts of the payload do not fit together");
  std::vector<std::string> messages;
  std::vector<const Part*> elements;
  for (const Part& part : parts) {
    if (part.kind == PartKind::kSignature) continue;
    if (part.plaintext.size() < 4) return broken;
    if (part.kind == PartKind::kElement) {
      elements.push_back(&part);
      continue;
    }
    const absl::string_view rest = absl::string_view(part.plaintext).substr(4);
    std::string message;
    size_t at = 0;
    for (const Part* element : elements) {
      const auto offset = core::ReadBigEndian<uint32_t>(element->plaintext);
      if (offset < message.size() || offset - message.size() > rest.size() - at) return broken;
      const size_t between = offset - message.size();
      absl::StrAppend(&message, rest.substr(at, between),
                      absl::string_view(element->plaintext).substr(4));
      at += between;
    }
    absl::StrAppend(&message, rest.substr(at));
    if (message.size() != core::ReadBigEndian<uint32_t>(part.plaintext)) return broken;
    messages.push_back(std::move(message));
    elements.clear();
  }
  if (!elements.empty()) return broken;
  return messages;
}

}  // namespace ndx::journal
