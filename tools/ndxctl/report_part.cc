#include "ndx/tools/ndxctl/report_part.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

// The keys to verify a part of this journal by.
struct PartKeys {
  std::vector<std::string> vkeys;
  bool given = false;  // by whoever verifies, and not by the part
};

PartKeys KeysFor(const std::string& origin, const std::vector<std::string>& vkeys,
                 const std::string& own) {
  PartKeys keys;
  for (const std::string& vkey : vkeys) {
    if (absl::StartsWith(vkey, origin + "+")) keys.vkeys.push_back(vkey);
  }
  keys.given = !keys.vkeys.empty();
  if (!keys.given) keys.vkeys.push_back(own);
  return keys;
}

// The leaf that a receipt proves by one of the keys.
absl::StatusOr<journal::v1::JournalLeaf> Prove(const api::ExportedLeaf& leaf,
                                               const std::string& origin,
                                               const std::vector<std::string>& vkeys) {
  absl::Status failed;
  for (const std::string& vkey : vkeys) {
    auto verified = journal::VerifyReceipt(leaf.receipt(), {.vkey = vkey});
    failed = verified.status();
    if (!verified.ok()) continue;
    NDX_ASSIGN_OR_RETURN(const auto receipt, journal::ParseReceipt(leaf.receipt()));
    if (verified->origin != origin || verified->index != leaf.index() ||
        receipt.opening.leaf() != leaf.leaf()) {
      return absl::DataLossError("the receipt is another leaf's");
    }
    return verified->leaf;
  }
  return failed;
}

absl::Status Named(const absl::Status& status, uint64_t leaf) {
  return {status.code(), absl::StrCat("leaf ", leaf, ": ", status.message())};
}

absl::Status ProveExchange(const api::ReportedExchange& exchange, const std::string& origin,
                           const std::vector<std::string>& vkeys) {
  for (const api::ExportedLeaf& exported : exchange.leaves()) {
    const auto leaf = Prove(exported, origin, vkeys);
    if (!leaf.ok()) return Named(leaf.status(), exported.index());
    const auto id = core::ExchangeId::FromBytes(leaf->exchange_id());
    if (!id.ok() || id->ToString() != exchange.exchange_id() ||
        leaf->consumer() != exchange.consumer()) {
      return Named(absl::DataLossError("is of another exchange"), exported.index());
    }
  }
  return absl::OkStatus();
}

absl::Status Verify(const std::vector<std::string>& all_vkeys, ReportPart& part) {
  api::SubjectReportSource& source = part.source;
  NDX_ASSIGN_OR_RETURN(const auto note, journal::ParseNote(part.head.checkpoint()));
  NDX_ASSIGN_OR_RETURN(const auto stated, journal::ParseForeignCheckpoint(note.text));
  source.set_origin(stated.checkpoint.origin);
  const PartKeys keys = KeysFor(source.origin(), all_vkeys, part.head.vkey());
  std::vector<journal::NoteVerifier> verifiers;
  for (const std::string& vkey : keys.vkeys) {
    NDX_ASSIGN_OR_RETURN(auto verifier, journal::NoteVerifier::FromVkey(vkey));
    verifiers.push_back(std::move(verifier));
  }
  NDX_ASSIGN_OR_RETURN(const auto checkpoint,
                       journal::OpenCheckpoint(part.head.checkpoint(), verifiers));
  source.set_tree_size(checkpoint.head.size);
  source.set_root(absl::BytesToHexString(crypto::AsBytes(checkpoint.head.root)));
  const auto asked = Prove(part.head.report_leaf(), source.origin(), keys.vkeys);
  if (!asked.ok()) return Named(asked.status(), part.head.report_leaf().index());
  if (asked->event() != journal::v1::JOURNAL_EVENT_OPERATOR_READ ||
      asked->operator_action() != "ReportSubjects") {
    return Named(absl::DataLossError("does not record that a report was asked for"),
                 part.head.report_leaf().index());
  }
  source.set_operator_name(asked->operator_name());
  source.set_reason(asked->operator_reason());
  *source.mutable_asked() = console::ToTimestamp(absl::FromUnixNanos(asked->time_unix_ns()));
  for (const api::ReportedExchange& exchange : part.exchanges) {
    NDX_RETURN_IF_ERROR(ProveExchange(exchange, source.origin(), keys.vkeys));
  }
  source.set_verdict(keys.given ? api::SOURCE_VERDICT_VERIFIED : api::SOURCE_VERDICT_OWN_KEY);
  return absl::OkStatus();
}

}  // namespace

grpc::Status FetchReport(OperatorClient& client, const api::ReportSubjectsRequest& request,
                         ReportPart& part) {
  grpc::ClientContext context;
  const auto stream = client.report_stub().ReportSubjects(&context, request);
  api::ReportSubjectsResponse message;
  bool whole = false;
  while (stream->Read(&message)) {
    if (message.has_head()) part.head.Swap(message.mutable_head());
    if (message.has_exchange()) part.exchanges.push_back(std::move(*message.mutable_exchange()));
    if (message.has_scope()) part.scope.Swap(message.mutable_scope());
    whole = whole || part.scope.has_made();
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok() || whole) return status;
  return {grpc::StatusCode::DATA_LOSS, "the node's report ended early; ask again"};
}

void Judge(const std::vector<std::string>& vkeys, ReportPart& part) {
  const absl::Status verified = Verify(vkeys, part);
  if (!verified.ok()) return Reject(std::string(verified.message()), part);
  api::SubjectReportSource& source = part.source;
  const api::SubjectReportScope& scope = part.scope;
  source.set_node(scope.node());
  *source.mutable_from() = scope.from();
  if (scope.has_to()) *source.mutable_to() = scope.to();
  source.set_searched_to(scope.subjects_to());
  source.set_partial(scope.partial());
  source.set_report_leaf(part.head.report_leaf().index());
  source.set_exchanges(static_cast<uint32_t>(part.exchanges.size()));
}

void Reject(const std::string& problem, ReportPart& part) {
  part.source.set_verdict(api::SOURCE_VERDICT_REJECTED);
  part.source.set_problem(problem);
  part.exchanges.clear();
}

}  // namespace ndx::tools::ndxctl
