#include "ndx/console/report_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"

namespace ndx::console {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using Node = registry::FieldPlan::Node;

constexpr absl::string_view kMore = "…";

bool IsRemoved(const v1::FieldSet& set, const std::string& path) {
  return std::any_of(set.removed().begin(), set.removed().end(), [&](const std::string& removed) {
    return path == removed || absl::StartsWith(path, removed + ".");
  });
}

// Longer comments are no titles.
constexpr size_t kTitleBytesMax = 120;

// From "Date of birth (ngày tháng năm sinh), as far as it is known. …" the words before the
// bracket, and those in it.
void FillTitle(const FieldDescriptor& field, v1::ReportedField& out) {
  google::protobuf::SourceLocation location;
  if (!field.GetSourceLocation(&location)) return;
  absl::string_view comment = absl::StripAsciiWhitespace(location.leading_comments);
  comment = comment.substr(0, comment.find('\n'));
  const size_t open = comment.find('(');
  const size_t close = comment.find(')', open == absl::string_view::npos ? 0 : open);
  if (open != absl::string_view::npos && close != absl::string_view::npos) {
    const absl::string_view term = comment.substr(open + 1, close - open - 1);
    if (term.size() <= kTitleBytesMax) out.set_title_vi(std::string(term));
    comment = comment.substr(0, open);
  }
  comment = absl::StripAsciiWhitespace(comment.substr(0, comment.find_first_of(".,;:")));
  if (comment.size() <= kTitleBytesMax) out.set_title_en(std::string(comment));
}

// Lists the fields of a type, each message within it once on the way down.
class FieldLister {
 public:
  explicit FieldLister(v1::FieldSet& set) : set_(set) {}

  // node: what the grant selects; null for everything.
  void List(const Descriptor& type, const Node* node, const std::string& prefix,
            options::v1::PersonalData outer) {
    if (full()) return;
    within_.push_back(&type);
    for (int i = 0; i < type.field_count(); ++i) ListField(*type.field(i), node, prefix, outer);
    within_.pop_back();
  }

 private:
  void ListField(const FieldDescriptor& field, const Node* node, const std::string& prefix,
                 options::v1::PersonalData outer) {
    const Node* below = nullptr;
    if (node != nullptr) {
      const auto selected = node->fields.find(field.number());
      if (selected == node->fields.end()) return;
      below = selected->second.get();
    }
    const std::string path =
        prefix.empty() ? field.name() : absl::StrCat(prefix, ".", field.name());
    if (IsRemoved(set_, path)) return;
    const auto& rules = field.options().GetExtension(options::v1::field);
    const auto personal_data = std::max(outer, rules.personal_data());
    const Descriptor* const type = field.message_type();
    const bool again = std::find(within_.begin(), within_.end(), type) != within_.end();
    if (type != nullptr && !field.is_map() && !again) {
      List(*type, below, path, personal_data);
    } else {
      Add(field, path, personal_data);
    }
  }

  void Add(const FieldDescriptor& descriptor, const std::string& path,
           options::v1::PersonalData personal_data) {
    if (full()) return;
    v1::ReportedField& field = *set_.add_fields();
    if (full()) {
      field.set_path(std::string(kMore));
      return;
    }
    field.set_path(path);
    field.set_personal_data(personal_data);
    field.set_subject(descriptor.options().GetExtension(options::v1::field).subject());
    FillTitle(descriptor, field);
  }

  bool full() const { return static_cast<size_t>(set_.fields_size()) > kReportedFieldsMax; }

  v1::FieldSet& set_;
  std::vector<const Descriptor*> within_;
};

// What the deciding grant lets through of the method's answers; null for everything, and where the
// grant is not found.
const Node* GrantedFields(const registry::RegistrySnapshot& registry,
                          const registry::MethodEntry& method, const std::string& consumer,
                          const std::string& grant) {
  for (const registry::MethodGrant* granted : registry.GrantsOf(consumer, method)) {
    if (granted->grant->name != grant) continue;
    return granted->answer_fields.has_value() ? &granted->answer_fields->root() : nullptr;
  }
  return nullptr;
}

}  // namespace

v1::FieldSet ReportFields::Describe(const journal::v1::JournalLeaf& answer,
                                    const journal::v1::JournalLeaf& decided) const {
  v1::FieldSet set;
  set.set_method(answer.method());
  // The leaf that records the answer says what was taken out of it.
  const journal::v1::Decision& removed = answer.decision();
  const bool list_beside = !removed.fields_removed_sha256().empty();
  set.set_removed_cut(list_beside);
  for (const std::string& path : removed.fields_removed()) {
    if (path == kMore) {
      set.set_removed_cut(true);
    } else {
      set.add_removed(path);
    }
  }
  const registry::MethodEntry* const method = registry_.FindMethod(answer.method());
  if (method == nullptr) {
    set.set_basis(v1::FIELD_BASIS_UNKNOWN_TYPE);
    return set;
  }
  const bool unchanged = decided.registry_version() == registry_.version();
  const Node* const granted =
      unchanged ? GrantedFields(registry_, *method, answer.consumer(), decided.decision().rule())
                : nullptr;
  set.set_basis(unchanged     ? v1::FIELD_BASIS_GRANT
                : list_beside ? v1::FIELD_BASIS_LIST_BESIDE
                              : v1::FIELD_BASIS_TYPE_OF_TODAY);
  FieldLister(set).List(*method->output, granted, "", options::v1::PERSONAL_DATA_UNSPECIFIED);
  return set;
}

uint32_t ReportFields::SetOf(const std::vector<journal::StoredLeaf>& leaves) {
  const journal::v1::JournalLeaf* answer = nullptr;
  const journal::v1::JournalLeaf* decided = nullptr;
  for (const journal::StoredLeaf& stored : leaves) {
    if (!IsOfExchange(stored.leaf)) continue;
    if (stored.leaf.response().messages() > 0) answer = &stored.leaf;
    // What settles a doubt repeats no decision.
    if (stored.leaf.decision().allowed()) decided = &stored.leaf;
  }
  v1::FieldSet set;
  if (answer == nullptr) {
    set.set_basis(v1::FIELD_BASIS_NO_ANSWER);
  } else {
    set = Describe(*answer, decided == nullptr ? *answer : *decided);
  }
  const auto [known, added] =
      numbers_.emplace(set.SerializeAsString(), static_cast<uint32_t>(sets_.size() + 1));
  if (added) {
    set.set_number(known->second);
    sets_.push_back(std::move(set));
  }
  return known->second;
}

}  // namespace ndx::console
