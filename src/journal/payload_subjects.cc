#include "ndx/journal/payload_subjects.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/core/big_endian.h"
#include "ndx/options/v1/options.pb.h"
#include "wire_reading.h"

namespace ndx::journal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr int kDepthMax = 100;

// A subject, and where in the message it is named.
struct Naming {
  size_t at = 0;
  std::string subject;
};

absl::string_view PrefixOf(options::v1::Subject kind) {
  switch (kind) {
    case options::v1::SUBJECT_INSURED:
      return "insured:";
    case options::v1::SUBJECT_ENTERPRISE:
      return "enterprise:";
    default:
      return "";
  }
}

options::v1::Subject SubjectKind(const FieldDescriptor* field) {
  return field->options().GetExtension(options::v1::field).subject();
}

// Finds all namings; false where the message is not well-formed.
bool Collect(absl::string_view message, size_t base, const Descriptor* type, int depth,
             std::vector<Naming>* namings) {
  if (depth > kDepthMax) return false;
  size_t at = 0;
  while (at < message.size()) {
    uint32_t number = 0;
    uint32_t wire_type = 0;
    if (!ReadTag(message, &at, &number, &wire_type)) return false;
    const FieldDescriptor* field = type->FindFieldByNumber(static_cast<int>(number));
    const auto kind = field == nullptr ? options::v1::SUBJECT_UNSPECIFIED : SubjectKind(field);
    const size_t value_at = at;
    if (wire_type != kLengthDelimited) {
      if (!SkipScalar(message, wire_type, &at)) return false;
      size_t again = value_at;
      uint64_t value = 0;
      if (kind != options::v1::SUBJECT_UNSPECIFIED && wire_type == kVarint &&
          ReadVarint(message, &again, &value)) {
        namings->push_back({base + value_at, absl::StrCat(PrefixOf(kind), value)});
      }
      continue;
    }
    uint64_t size = 0;
    if (!ReadVarint(message, &at, &size) || size > message.size() - at) return false;
    const absl::string_view value = message.substr(at, size);
    if (kind != options::v1::SUBJECT_UNSPECIFIED && !value.empty()) {
      namings->push_back({base + at, absl::StrCat(PrefixOf(kind), value)});
    } else if (field != nullptr && field->message_type() != nullptr &&
               !Collect(value, base + at, field->message_type(), depth + 1, namings)) {
      return false;
    }
    at += size;
  }
  return true;
}

void Tidy(std::vector<std::string>* subjects) {
  std::sort(subjects->begin(), subjects->end());
  subjects->erase(std::unique(subjects->begin(), subjects->end()), subjects->end());
}

}  // namespace

std::vector<std::vector<std::string>> SubjectsOfMessage(const Descriptor* type,
                                                        absl::string_view message,
                                                        absl::Span<const Part> parts) {
  std::vector<std::vector<std::string>> out(parts.size());
  if (type == nullptr || parts.empty()) return out;
  std::vector<Naming> namings;
  (void)Collect(message, 0, type, 0, &namings);
  const size_t last = parts.size() - 1;  // the message itself; before it, its elements
  std::map<size_t, size_t> element_at;   // begin of its value → part
  for (size_t i = 0; i < last; ++i) {
    element_at[core::ReadBigEndian<uint32_t>(parts[i].plaintext)] = i;
  }
  for (Naming& naming : namings) {
    size_t part = last;
    if (auto after = element_at.upper_bound(naming.at); after != element_at.begin()) {
      const auto [begin, index] = *std::prev(after);
      if (naming.at < begin + parts[index].plaintext.size() - sizeof(uint32_t)) part = index;
    }
    out[part].push_back(std::move(naming.subject));
  }
  for (auto& subjects : out) Tidy(&subjects);
  return out;
}

std::vector<std::vector<std::string>> SubjectsOf(const Descriptor* type,
                                                 const std::vector<Part>& parts) {
  std::vector<std::vector<std::string>> out(parts.size());
  if (type == nullptr) return out;
  size_t first = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].kind == PartKind::kElement && parts[i].plaintext.size() >= sizeof(uint32_t)) {
      continue;
    }
    const size_t begin = std::exchange(first, i + 1);
    if (parts[i].kind != PartKind::kMessage) continue;
    const auto own = absl::MakeConstSpan(parts).subspan(begin, i + 1 - begin);
    const auto joined = JoinParts({own.begin(), own.end()});
    if (!joined.ok()) continue;
    auto subjects = SubjectsOfMessage(type, joined->front(), own);
    std::move(subjects.begin(), subjects.end(), out.begin() + static_cast<ptrdiff_t>(begin));
  }
  return out;
}

}  // namespace ndx::journal
