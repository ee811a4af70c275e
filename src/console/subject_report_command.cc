// The method of the report service: every exchange that concerned one person, as evidence.
#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/console/journal_search.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/report_fields.h"
#include "ndx/console/report_names.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/search/filter_text.h"

namespace ndx::console {
namespace {

// How long a report waits for the follower to pass what was recorded before it.
constexpr absl::Duration kFollowerAwaitedMax = absl::Seconds(10);
constexpr char kAction[] = "ReportSubjects";
constexpr int kSubjectsMax = 8;
constexpr int kKnownCodesMax = 64;
constexpr size_t kKnownCodeBytesMax = 128;
constexpr size_t kReportExchangesMax = 10'000;

using Reply = TypedReply<v1::ReportSubjectsResponse>;
using Chosen = std::set<std::pair<std::string, std::string>>;  // exchange id (16 bytes), consumer

bool IsDigits(absl::string_view text, size_t count) {
  return text.size() == count && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

// A number that cannot be anybody's would make an empty report, which reads as if nobody had
// looked.
bool IsSubject(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "insured:")) return IsDigits(text, 10);
  if (!absl::ConsumePrefix(&text, "enterprise:")) return IsDigits(text, 12);
  if (text.size() == 14 && text[10] == '-' && IsDigits(text.substr(11), 3)) text.remove_suffix(4);
  return IsDigits(text, 10);
}

bool AreCodes(const google::protobuf::RepeatedPtrField<std::string>& codes) {
  return codes.size() <= kKnownCodesMax &&
         std::all_of(codes.begin(), codes.end(), [](const std::string& code) {
           return !code.empty() && code.size() <= kKnownCodeBytesMax;
         });
}

// Without anything of what came in: it is somebody's number.
absl::Status CheckRequest(const v1::ReportSubjectsRequest& request) {
  if (request.subjects_size() == 0 || request.subjects_size() > kSubjectsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "name 1 to ", kSubjectsMax, " subjects / cần nêu từ 1 đến ", kSubjectsMax, " chủ thể"));
  }
  for (int i = 0; i < request.subjects_size(); ++i) {
    if (IsSubject(request.subjects(i))) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "subject ", i + 1,
        " is none: 12 digits, insured: and 10 digits, or enterprise: and 10 digits / chủ thể thứ ",
        i + 1,
        " không đúng dạng: 12 chữ số, insured: và 10 chữ số, hoặc enterprise: và 10 chữ số"));
  }
  if (AreCodes(request.dossiers()) && AreCodes(request.officers())) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "at most ", kKnownCodesMax, " dossiers and as many officers, of 1 to ", kKnownCodeBytesMax,
      " bytes / tối đa ", kKnownCodesMax, " mã hồ sơ và bằng ấy mã cán bộ, mỗi mã từ 1 đến ",
      kKnownCodeBytesMax, " byte"));
}

absl::StatusOr<search::Filter> FilterOf(const JournalSearch& searches,
                                        const v1::ReportSubjectsRequest& request) {
  search::FilterText text;
  text.AddAny("subject", {request.subjects().begin(), request.subjects().end()});
  if (request.has_from()) text.AddFrom(FromTimestamp(request.from()));
  if (request.has_to()) text.AddBefore(FromTimestamp(request.to()));
  NDX_ASSIGN_OR_RETURN(search::Filter filter, searches.Read(text.str()));
  searches.BeginWithJournal(&filter);
  NDX_RETURN_IF_ERROR(searches.Resolve(&filter));
  return filter;
}

// One report under way.
class SubjectReport {
 public:
  SubjectReport(const OperatorNode& node, const v1::ReportSubjectsRequest& request, Reply& reply)
      : node_(node),
        request_(request),
        reply_(reply),
        registry_(node.registry.Current()),
        fields_(*registry_),
        names_(*registry_) {}

  // report_leaf: the one that records the asking.
  absl::Status Run(uint64_t report_leaf) {
    NDX_RETURN_IF_ERROR(SendHead(report_leaf));
    NDX_ASSIGN_OR_RETURN(const Chosen chosen, Find());
    // Newest first: exchange ids begin with their time.
    for (auto exchange = chosen.rbegin(); exchange != chosen.rend(); ++exchange) {
      NDX_RETURN_IF_ERROR(SendExchange(exchange->first, exchange->second));
      reply_.WaitWhileCongested();
      if (reply_.cancelled()) return absl::CancelledError("the caller has gone");
    }
    return SendScope(report_leaf);
  }

 private:
  absl::Status SendHead(uint64_t report_leaf) {
    v1::ReportSubjectsResponse response;
    v1::SubjectReportHead& head = *response.mutable_head();
    head.set_checkpoint(node_.reader.Checkpoint());
    head.set_vkey(node_.keys.vkey());
    NDX_ASSIGN_OR_RETURN(const journal::Note note, journal::ParseNote(head.checkpoint()));
    NDX_ASSIGN_OR_RETURN(const auto checkpoint, journal::ParseForeignCheckpoint(note.text));
    end_ = checkpoint.checkpoint.head.size;
    NDX_ASSIGN_OR_RETURN(const journal::StoredLeaf leaf, node_.reader.Leaf(report_leaf));
    NDX_RETURN_IF_ERROR(FillLeaf(leaf, *head.mutable_report_leaf()));
    reply_.Send(response);
    return absl::OkStatus();
  }

  absl::Status FillLeaf(const journal::StoredLeaf& stored, v1::ExportedLeaf& leaf) const {
    leaf.set_index(stored.index);
    leaf.set_leaf(stored.bytes);
    NDX_ASSIGN_OR_RETURN(*leaf.mutable_receipt(), node_.reader.Receipt(stored.index));
    return absl::OkStatus();
  }

  // Every exchange of which some leaf within the time concerns the person.
  absl::StatusOr<Chosen> Find() {
    const JournalSearch searches(node_);
    NDX_ASSIGN_OR_RETURN(const search::Filter filter, FilterOf(searches, request_));
    time_ = filter.time();
    Chosen chosen;
    std::string token;
    do {
      NDX_ASSIGN_OR_RETURN(
          const auto page,
          searches.searcher().Search(
              {.filter = filter, .rows = kAction, .page_rows = kPageSizeMax, .page_token = token},
              [](const journal::StoredLeaf& leaf) { return IsOfExchange(leaf.leaf); }));
      for (const journal::StoredLeaf& leaf : page.leaves) {
        if (leaf.index < end_) chosen.emplace(leaf.leaf.exchange_id(), leaf.leaf.consumer());
      }
      if (chosen.size() > kReportExchangesMax) {
        return absl::ResourceExhaustedError(absl::StrCat(
            "more than ", kReportExchangesMax, " exchanges; ask for a shorter time / ", "hơn ",
            kReportExchangesMax, " giao dịch; hãy chọn khoảng thời gian ngắn hơn"));
      }
      // The index may have been begun anew between two pages.
      subjects_to_ = std::min(subjects_to_, page.subjects_to);
      token = page.next_token;
    } while (!token.empty() && !reply_.cancelled());
    return chosen;
  }

  absl::Status SendExchange(const std::string& id_bytes, const std::string& consumer) {
    NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::FromBytes(id_bytes));
    NDX_ASSIGN_OR_RETURN(auto leaves, node_.reader.LeavesOf(id, consumer));
    // What came after the checkpoint is not of this report.
    while (!leaves.empty() && leaves.back().index >= end_) leaves.pop_back();
    v1::ReportSubjectsResponse response;
    v1::ReportedExchange& exchange = *response.mutable_exchange();
    exchange.set_exchange_id(id.ToString());
    exchange.set_consumer(consumer);
    for (const journal::StoredLeaf& stored : leaves) {
      NDX_RETURN_IF_ERROR(FillLeaf(stored, *exchange.add_leaves()));
      names_.Add(stored.leaf);
    }
    exchange.set_field_set(fields_.SetOf(leaves));
    reply_.Send(response);
    return absl::OkStatus();
  }

  template <typename Codes>
  absl::Status FillKnown(journal::ReferenceKind kind, const Codes& codes,
                         google::protobuf::RepeatedPtrField<v1::KnownReference>& known) const {
    for (const std::string& code : codes) {
      v1::KnownReference& reference = *known.Add();
      reference.set_value(code);
      NDX_ASSIGN_OR_RETURN(const auto hmacs, node_.references(kind, code, time_));
      for (const std::string& hmac : hmacs) reference.add_hmacs(hmac);
    }
    return absl::OkStatus();
  }

  absl::Status SendScope(uint64_t report_leaf) const {
    v1::ReportSubjectsResponse response;
    v1::SubjectReportScope& scope = *response.mutable_scope();
    *scope.mutable_subjects() = request_.subjects();
    *scope.mutable_from() = ToTimestamp(time_.from);
    if (time_.to != absl::InfiniteFuture()) *scope.mutable_to() = ToTimestamp(time_.to);
    *scope.mutable_made() = ToTimestamp(node_.clock.Now());
    scope.set_node(node_.control.Status().system());
    scope.set_report_leaf(report_leaf);
    scope.set_subjects_to(std::min(subjects_to_, end_));
    scope.set_partial(subjects_to_ < report_leaf);
    NDX_RETURN_IF_ERROR(FillKnown(journal::ReferenceKind::kDossier, request_.dossiers(),
                                  *scope.mutable_dossiers()));
    NDX_RETURN_IF_ERROR(FillKnown(journal::ReferenceKind::kOfficer, request_.officers(),
                                  *scope.mutable_officers()));
    for (const v1::RegisteredName& name : names_.names()) *scope.add_names() = name;
    for (const v1::FieldSet& set : fields_.sets()) *scope.add_field_sets() = set;
    reply_.Send(response);
    return absl::OkStatus();
  }

  const OperatorNode& node_;
  const v1::ReportSubjectsRequest& request_;
  Reply& reply_;
  const std::shared_ptr<const registry::RegistrySnapshot> registry_;
  ReportFields fields_;
  ReportNames names_;
  search::TimeBound time_;
  uint64_t end_ = 0;  // leaves of the checkpoint
  uint64_t subjects_to_ = std::numeric_limits<uint64_t>::max();
};

absl::Status Report(const OperatorNode& node, const OperatorIdentity& who,
                    const v1::ReportSubjectsRequest& request, Reply& reply) {
  NDX_RETURN_IF_ERROR(CheckRequest(request));
  if (node.search_index == nullptr) {
    return absl::FailedPreconditionError("this node keeps no search index");
  }
  NDX_ASSIGN_OR_RETURN(
      const uint64_t leaf,
      RecordPersonSearch(node, who, kAction, request.case_number(), request.reason()));
  // A follower that does not come so far in time makes the report a partial one, which it says.
  if (node.keeper != nullptr) (void)node.keeper->AwaitFollowed(kFollowerAwaitedMax);
  return SubjectReport(node, request, reply).Run(leaf);
}

}  // namespace

void AddSubjectReportMethod(const OperatorNode& node, ExportSlots& slots,
                            OperatorMethods& methods) {
  methods.Add<v1::ReportSubjectsRequest, v1::ReportSubjectsResponse>(
      kAction, settings::v1::OPERATOR_ROLE_INVESTIGATOR,
      [&node, &slots](const OperatorIdentity& who, const auto& request, auto reply) {
        const ExportSlots::Slot slot(slots);
        reply.Finish(slot.status().ok() ? Report(node, who, request, reply) : slot.status());
      });
}

}  // namespace ndx::console
