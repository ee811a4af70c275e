// A copy of a journal's directory as a source of evidence.
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/search/filter.h"
#include "ndx/search/leaf_match.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/evidence_source.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

using journal::StoredLeaf;

// A filter of what a leaf says by itself. Without a time it is the whole journal.
class LeafFilter {
 public:
  static absl::StatusOr<LeafFilter> Parse(const std::string& expression, absl::Time now) {
    NDX_ASSIGN_OR_RETURN(auto filter, search::Filter::Parse(expression, now));
    for (const auto field : {search::FieldName::kDossier, search::FieldName::kOfficer,
                             search::FieldName::kSubject, search::FieldName::kReplayedAs}) {
      if (filter.Mentions(field)) {
        return absl::InvalidArgumentError(
            "dossier, officer, subject and replayed_as need the running node");
      }
    }
    return LeafFilter(expression.empty(), std::move(filter));
  }

  bool Matches(const StoredLeaf& leaf) const {
    return all_ || search::Matches(filter_.root(), leaf.leaf,
                                   [](const search::Condition&) { return false; });
  }

 private:
  LeafFilter(bool all, search::Filter filter) : all_(all), filter_(std::move(filter)) {}
  bool all_;
  search::Filter filter_;
};

class JournalDirectory final : public EvidenceSource {
 public:
  JournalDirectory(std::unique_ptr<journal::JournalCopy> copy, absl::Time now)
      : copy_(std::move(copy)), now_(now) {}

  absl::Status Leaves(const api::ExportLeavesRequest& request, SeeHead see_head,
                      SeeLeaf see) override {
    NDX_ASSIGN_OR_RETURN(const auto matcher, LeafFilter::Parse(request.filter(), now_));
    NDX_RETURN_IF_ERROR(see_head({copy_->note(), copy_->vkey()}));
    return ForEach(request.from_index(), [&](const StoredLeaf& leaf) {
      return matcher.Matches(leaf) ? see(leaf.index, leaf.bytes) : absl::OkStatus();
    });
  }

  absl::Status Exchanges(const api::ExportExchangesRequest& request, SeeHead see_head,
                         SeeExchange see) override {
    if (request.include_payload()) {
      return absl::InvalidArgumentError(
          "payloads need the node's keys: export them from the running node");
    }
    NDX_ASSIGN_OR_RETURN(const auto matcher, LeafFilter::Parse(request.filter(), now_));
    std::set<std::string> wanted;
    for (const std::string& text : request.exchange_ids()) {
      NDX_ASSIGN_OR_RETURN(const auto id, core::ExchangeId::Parse(text));
      wanted.insert(std::string(id.bytes()));
    }
    NDX_RETURN_IF_ERROR(see_head({copy_->note(), copy_->vkey()}));
    // By id and consumer, in the order in which they begin.
    std::map<std::pair<std::string, std::string>, std::vector<StoredLeaf>> histories;
    NDX_RETURN_IF_ERROR(ForEach(0, [&](const StoredLeaf& leaf) {
      const std::string& id = leaf.leaf.exchange_id();
      const bool maybe = !id.empty() && (wanted.empty() || wanted.count(id) > 0);
      if (maybe) histories[{id, leaf.leaf.consumer()}].push_back(leaf);
      return absl::OkStatus();
    }));
    std::set<std::string> found;
    for (const auto& [key, leaves] : histories) {
      const auto summary = console::SummariseHistory(leaves);
      if (!summary.has_value()) continue;
      if (wanted.empty() && !matcher.Matches(NewestOf(leaves, *summary))) continue;
      found.insert(key.first);
      NDX_RETURN_IF_ERROR(SeeOne(*summary, leaves, see));
    }
    if (found.size() < wanted.size()) {
      return absl::NotFoundError("not every exchange named is in the copy");
    }
    return absl::OkStatus();
  }

  std::string Descriptors(const std::vector<std::string>&) override { return ""; }

  ExitCode Explain(const absl::Status& status, Terminal& terminal) const override {
    ExitCode code = ExitCode::kFailed;
    if (absl::IsDataLoss(status) || absl::IsPermissionDenied(status)) code = ExitCode::kNotIntact;
    if (absl::IsNotFound(status)) code = ExitCode::kNotFound;
    return Complain(terminal, std::string(status.message()), code);
  }

 private:
  static const StoredLeaf& NewestOf(const std::vector<StoredLeaf>& leaves,
                                    const api::ExchangeSummary& summary) {
    for (const StoredLeaf& leaf : leaves) {
      if (leaf.index == summary.leaf_index()) return leaf;
    }
    return leaves.back();
  }

  absl::Status SeeOne(const api::ExchangeSummary& summary, const std::vector<StoredLeaf>& leaves,
                      SeeExchange see) const {
    api::ExportExchangesResponse exchange;
    *exchange.mutable_summary() = summary;
    for (const StoredLeaf& stored : leaves) {
      api::ExportedLeaf& leaf = *exchange.add_leaves();
      leaf.set_index(stored.index);
      leaf.set_leaf(stored.bytes);
      NDX_ASSIGN_OR_RETURN(*leaf.mutable_receipt(), copy_->Receipt(stored.index));
    }
    return see(exchange);
  }

  absl::Status ForEach(uint64_t from_index,
                       absl::FunctionRef<absl::Status(const StoredLeaf&)> see) const {
    absl::Status seen;
    NDX_RETURN_IF_ERROR(copy_->Scan(from_index, [&](uint64_t index, absl::string_view bytes) {
      StoredLeaf leaf{.index = index, .bytes = std::string(bytes)};
      auto decoded = journal::DecodeLeaf(bytes);
      seen = decoded.status();
      if (!decoded.ok()) {
        seen = absl::DataLossError(absl::StrCat("leaf ", index, ": ", seen.message()));
        return false;
      }
      leaf.leaf = *std::move(decoded);
      seen = see(leaf);
      return seen.ok();
    }));
    return seen;
  }

  const std::unique_ptr<journal::JournalCopy> copy_;
  const absl::Time now_;
};

}  // namespace

std::unique_ptr<EvidenceSource> CopySource(std::unique_ptr<journal::JournalCopy> copy,
                                           absl::Time now) {
  return std::make_unique<JournalDirectory>(std::move(copy), now);
}

}  // namespace ndx::tools::ndxctl
