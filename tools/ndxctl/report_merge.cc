#include "ndx/tools/ndxctl/report_merge.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

using journal::StoredLeaf;
using Key = std::pair<std::string, std::string>;  // exchange id, consumer

// What one journal holds of an exchange; parts of one journal may overlap.
struct JournalShare {
  std::map<uint64_t, StoredLeaf> leaves;
  uint32_t field_set = 0;  // as numbered in the report
  uint64_t field_set_as_of = 0;
};
using Shares = std::map<std::string, JournalShare>;  // by origin

// One journal's record of an exchange with what the row is made of.
struct Described {
  api::ExchangeRecord record;
  console::v1::ExchangeSummary summary;
  journal::v1::JournalLeaf first;  // the leaf that began it
  std::string grant;
  uint32_t field_set = 0;
};

// The codes that whoever asked knew, by what leaves hold of them.
using KnownCodes = std::map<std::string, std::string>;

struct KnownByJournal {
  std::map<std::string, KnownCodes> dossiers;  // by origin
  std::map<std::string, KnownCodes> officers;
};

api::ReportedReference ReferenceOf(const journal::v1::KeyedReference& keyed,
                                   const KnownCodes& known) {
  api::ReportedReference reference;
  reference.set_reference(absl::BytesToHexString(keyed.hmac()));
  reference.set_key_year(keyed.key_year());
  reference.set_proved(keyed.proved());
  const auto found = known.find(keyed.hmac());
  if (found != known.end() && !keyed.hmac().empty()) reference.set_known_as(found->second);
  return reference;
}

std::optional<Described> Describe(const std::string& origin, const JournalShare& share,
                                  KnownByJournal& known) {
  std::vector<StoredLeaf> leaves;
  for (const auto& [index, leaf] : share.leaves) leaves.push_back(leaf);
  const auto summary = console::SummariseHistory(leaves);
  if (!summary.has_value()) return std::nullopt;
  Described described{.summary = *summary, .field_set = share.field_set};
  bool begun = false;
  for (const StoredLeaf& stored : leaves) {
    described.record.add_leaves(stored.index);
    if (!console::IsOfExchange(stored.leaf)) continue;
    if (!begun) described.first = stored.leaf;
    begun = true;
    if (stored.leaf.decision().allowed()) described.grant = stored.leaf.decision().rule();
  }
  api::ExchangeRecord& record = described.record;
  record.set_origin(origin);
  record.set_state(summary->state());
  *record.mutable_relay_path() = described.first.relay_path();
  if (!described.first.dossier().hmac().empty()) {
    *record.mutable_dossier() = ReferenceOf(described.first.dossier(), known.dossiers[origin]);
  }
  if (!described.first.officer().hmac().empty()) {
    api::ReportedReference& officer = *record.mutable_officer();
    officer = ReferenceOf(described.first.officer(), known.officers[origin]);
    officer.set_known_by(officer.proved() ? "officer-token" : "stated-by-system");
  }
  return described;
}

void AddActs(const std::string& origin, const JournalShare& share, api::SubjectReportRow& row) {
  for (const auto& [index, stored] : share.leaves) {
    // An operator who asked what became of an exchange in doubt stands in a leaf of its course.
    if (console::IsOfExchange(stored.leaf) && stored.leaf.operator_name().empty()) continue;
    api::OperatorAct& act = *row.add_operator_acts();
    act.set_origin(origin);
    act.set_leaf(index);
    *act.mutable_time() = console::ToTimestamp(absl::FromUnixNanos(stored.leaf.time_unix_ns()));
    act.set_operator_name(stored.leaf.operator_name());
    act.set_action(stored.leaf.operator_action());
    act.set_reason(stored.leaf.operator_reason());
  }
}

// The row of an exchange, seen from the node nearest its consumer.
std::optional<api::SubjectReportRow> RowOf(const Key& key, const Shares& shares,
                                           KnownByJournal& known) {
  api::SubjectReportRow row;
  std::vector<Described> all;
  for (const auto& [origin, share] : shares) {
    auto described = Describe(origin, share, known);
    if (described.has_value()) all.push_back(*std::move(described));
    AddActs(origin, share, row);
  }
  if (all.empty()) return std::nullopt;
  std::stable_sort(all.begin(), all.end(), [](const Described& a, const Described& b) {
    return a.record.relay_path_size() < b.record.relay_path_size();
  });
  const Described& nearest = all.front();
  row.set_exchange_id(key.first);
  *row.mutable_time() = console::ToTimestamp(absl::FromUnixNanos(nearest.first.time_unix_ns()));
  row.set_consumer(key.second);
  row.set_provider(nearest.summary.provider());
  row.set_method(nearest.summary.method());
  row.set_purpose(nearest.summary.purpose());
  row.set_procedure(nearest.summary.procedure());
  row.set_grant(nearest.grant);
  row.set_state(nearest.summary.state());
  row.set_grpc_status(nearest.summary.grpc_status());
  row.set_error_reason(nearest.summary.error_reason());
  row.set_business_code(nearest.summary.business_code());
  row.set_response_bytes(nearest.summary.response_bytes());
  row.set_replay_of(nearest.summary.replay_of());
  row.set_field_set(nearest.field_set);
  for (Described& described : all) *row.add_records() = std::move(described.record);
  return row;
}

// Numbers sets that are the same in all parts once.
class FieldSetNumbers {
 public:
  explicit FieldSetNumbers(api::SubjectReport& report) : report_(report) {}

  uint32_t Of(const ReportPart& part, uint32_t number) {
    for (const api::FieldSet& set : part.scope.field_sets()) {
      if (set.number() == number) return Of(set);
    }
    return 0;
  }

 private:
  uint32_t Of(api::FieldSet set) {
    set.clear_number();
    const auto [known, added] = numbers_.emplace(set.SerializeAsString(), numbers_.size() + 1);
    if (added) {
      set.set_number(known->second);
      *report_.add_field_sets() = std::move(set);
    }
    return known->second;
  }

  api::SubjectReport& report_;
  std::map<std::string, uint32_t> numbers_;
};

class Merge {
 public:
  explicit Merge(absl::Time made) : numbers_(report_) {
    *report_.mutable_made() = console::ToTimestamp(made);
    report_.set_complete(true);
  }

  absl::Status Add(const ReportPart& part) {
    *report_.add_sources() = part.source;
    const bool rejected = part.source.verdict() == api::SOURCE_VERDICT_REJECTED;
    if (rejected || part.source.partial()) report_.set_complete(false);
    if (rejected) return absl::OkStatus();
    NDX_RETURN_IF_ERROR(AddSubjects(part));
    const std::string& origin = part.source.origin();
    AddKnown(part.scope.dossiers(), known_.dossiers[origin]);
    AddKnown(part.scope.officers(), known_.officers[origin]);
    for (const api::RegisteredName& name : part.scope.names()) names_.emplace(name.code(), name);
    for (const api::ReportedExchange& exchange : part.exchanges) {
      NDX_RETURN_IF_ERROR(AddExchange(part, exchange));
    }
    return absl::OkStatus();
  }

  api::SubjectReport Finish() {
    std::vector<api::SubjectReportRow> rows;
    for (const auto& [key, shares] : exchanges_) {
      auto row = RowOf(key, shares, known_);
      if (row.has_value()) rows.push_back(*std::move(row));
    }
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      return console::FromTimestamp(a.time()) < console::FromTimestamp(b.time());
    });
    Count(rows);
    for (api::SubjectReportRow& row : rows) *report_.add_rows() = std::move(row);
    for (auto& [code, name] : names_) *report_.add_names() = std::move(name);
    return std::move(report_);
  }

 private:
  absl::Status AddSubjects(const ReportPart& part) {
    const std::set<std::string> subjects(part.scope.subjects().begin(),
                                         part.scope.subjects().end());
    if (subjects_.empty()) {
      subjects_ = subjects;
      for (const std::string& subject : subjects_) report_.add_subjects(subject);
    }
    if (subjects == subjects_) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat(part.source.file(),
                     " is about other subjects than the files before it; export "
                     "all of them with the same --subject / nói về chủ thể khác với các tệp trước; "
                     "hãy xuất tất cả với cùng --subject"));
  }

  static void AddKnown(const google::protobuf::RepeatedPtrField<api::KnownReference>& references,
                       KnownCodes& known) {
    for (const api::KnownReference& reference : references) {
      for (const std::string& hmac : reference.hmacs()) known[hmac] = reference.value();
    }
  }

  absl::Status AddExchange(const ReportPart& part, const api::ReportedExchange& exchange) {
    JournalShare& share =
        exchanges_[{exchange.exchange_id(), exchange.consumer()}][part.source.origin()];
    for (const api::ExportedLeaf& exported : exchange.leaves()) {
      StoredLeaf stored{.index = exported.index(), .bytes = exported.leaf()};
      NDX_ASSIGN_OR_RETURN(stored.leaf, journal::DecodeLeaf(stored.bytes));
      share.leaves.emplace(stored.index, std::move(stored));
    }
    // Of two parts of one journal the newer knows what became of the exchange.
    if (share.field_set != 0 && part.source.tree_size() < share.field_set_as_of) {
      return absl::OkStatus();
    }
    share.field_set = numbers_.Of(part, exchange.field_set());
    share.field_set_as_of = part.source.tree_size();
    return absl::OkStatus();
  }

  void Count(const std::vector<api::SubjectReportRow>& rows) {
    std::set<std::string> consumers;
    std::set<std::string> purposes;
    std::set<std::string> methods;
    uint32_t acts = 0;
    for (const api::SubjectReportRow& row : rows) {
      consumers.insert(row.consumer());
      if (!row.purpose().empty()) purposes.insert(row.purpose());
      methods.insert(row.method());
      acts += static_cast<uint32_t>(row.operator_acts_size());
    }
    api::SubjectReportCounts& counts = *report_.mutable_counts();
    counts.set_exchanges(static_cast<uint32_t>(rows.size()));
    counts.set_consumers(static_cast<uint32_t>(consumers.size()));
    counts.set_purposes(static_cast<uint32_t>(purposes.size()));
    counts.set_methods(static_cast<uint32_t>(methods.size()));
    counts.set_operator_acts(acts);
  }

  api::SubjectReport report_;
  FieldSetNumbers numbers_;
  std::set<std::string> subjects_;
  std::map<Key, Shares> exchanges_;
  std::map<std::string, api::RegisteredName> names_;
  KnownByJournal known_;
};

}  // namespace

absl::StatusOr<api::SubjectReport> MergeParts(const std::vector<ReportPart>& parts,
                                              absl::Time made) {
  if (parts.empty()) return absl::InvalidArgumentError("no report to put together");
  Merge merge(made);
  for (const ReportPart& part : parts) NDX_RETURN_IF_ERROR(merge.Add(part));
  return merge.Finish();
}

}  // namespace ndx::tools::ndxctl
