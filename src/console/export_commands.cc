// Methods of the export service: leaves as they are hashed, and exchanges as evidence.
#include <memory>
#include <utility>

#include "ndx/console/export_slot.h"
#include "ndx/console/journal_pages.h"
#include "ndx/console/journal_search.h"
#include "ndx/console/operator_commands.h"
#include "ndx/console/operator_ledger.h"
#include "ndx/console/operator_rights.h"
#include "ndx/console/v1/journal_export_service.pb.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/search/leaf_match.h"

namespace ndx::console {
namespace {

constexpr size_t kExportExchangesMax = 10'000;
// Leaves are sent in messages of about this size.
constexpr size_t kLeavesMessageBytes = size_t{128} << 10;

using LeavesReply = TypedReply<v1::ExportLeavesResponse>;
using ExchangesReply = TypedReply<v1::ExportExchangesResponse>;

absl::StatusOr<uint64_t> SizeOf(const std::string& note) {
  NDX_ASSIGN_OR_RETURN(const journal::Note parsed, journal::ParseNote(note));
  NDX_ASSIGN_OR_RETURN(const auto checkpoint, journal::ParseForeignCheckpoint(parsed.text));
  return checkpoint.checkpoint.head.size;
}

// The filter, read and resolved. Without a time it goes back to the journal's beginning: an export
// is no page.
absl::StatusOr<search::Filter> FilterOf(const OperatorNode& node, const std::string& expression) {
  const JournalSearch journal_search(node);
  NDX_ASSIGN_OR_RETURN(search::Filter filter, journal_search.Read(expression));
  if (filter.Mentions(search::FieldName::kSubject)) {
    return absl::InvalidArgumentError(
        "an export cannot ask for a person (subject); ask for the exchanges by their ids");
  }
  journal_search.BeginWithJournal(&filter);
  NDX_RETURN_IF_ERROR(journal_search.Resolve(&filter));
  return filter;
}

absl::Status ExportLeaves(const OperatorNode& node, const v1::ExportLeavesRequest& request,
                          LeavesReply& reply) {
  NDX_ASSIGN_OR_RETURN(const auto filter, FilterOf(node, request.filter()));
  const bool all = request.filter().empty();
  v1::ExportLeavesResponse message;
  message.set_checkpoint(node.reader.Checkpoint());
  message.set_vkey(node.keys.vkey());
  NDX_ASSIGN_OR_RETURN(const uint64_t end, SizeOf(message.checkpoint()));
  reply.Send(message);
  message.Clear();
  // Everything means everything, whatever a clock said.
  journal::ScanRange range{.from_index = request.from_index()};
  if (!all) range.not_before = filter.time().from;
  if (!all) range.not_after = filter.time().to;
  const auto no_subject = [](const search::Condition&) { return false; };
  size_t bytes = 0;
  NDX_RETURN_IF_ERROR(node.reader.Scan(range, [&](const journal::StoredLeaf& stored) {
    if (stored.index >= end) return false;
    if (!all && !search::Matches(filter.root(), stored.leaf, no_subject)) {
      return !reply.cancelled();
    }
    v1::ExportedLeaf& leaf = *message.add_leaves();
    leaf.set_index(stored.index);
    leaf.set_leaf(stored.bytes);
    bytes += stored.bytes.size();
    if (bytes < kLeavesMessageBytes) return true;
    reply.Send(message);
    message.Clear();
    bytes = 0;
    reply.WaitWhileCongested();
    return !reply.cancelled();
  }));
  if (message.leaves_size() > 0) reply.Send(message);
  return absl::OkStatus();
}

// The exchanges asked for, by id or by filter, as (id, consumer).
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> Chosen(
    const OperatorNode& node, const v1::ExportExchangesRequest& request) {
  const auto too_many = [] {
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", kExportExchangesMax, " exchanges; export in parts"));
  };
  std::vector<std::pair<std::string, std::string>> chosen;
  for (const std::string& id : request.exchange_ids()) chosen.emplace_back(id, "");
  if (chosen.size() > kExportExchangesMax) return too_many();
  if (!chosen.empty()) return chosen;
  NDX_ASSIGN_OR_RETURN(const auto filter, FilterOf(node, request.filter()));
  v1::ListExchangesRequest list;
  list.set_page_size(kPageSizeMax);
  do {
    NDX_ASSIGN_OR_RETURN(const auto page, JournalSearch(node).ListExchanges(list, filter));
    for (const v1::ExchangeSummary& exchange : page.exchanges()) {
      chosen.emplace_back(exchange.exchange_id(), exchange.consumer());
    }
    if (chosen.size() > kExportExchangesMax) return too_many();
    list.set_cursor(page.next_cursor());
  } while (!list.cursor().empty());
  return chosen;
}

// Records the reading, then reads.
absl::Status AddPayload(const OperatorNode& node, const OperatorIdentity& who,
                        const std::string& why, const ExchangeHistory& history,
                        v1::ExportExchangesResponse& exchange) {
  NDX_ASSIGN_OR_RETURN(const uint64_t leaf,
                       OperatorLedger(node.journal)
                           .Record({.event = journal::v1::JOURNAL_EVENT_OPERATOR_READ,
                                    .operator_name = who.name,
                                    .action = "ExportExchanges",
                                    .reason = why,
                                    .exchange = history.summary}));
  exchange.set_read_leaf_index_plus_one(leaf + 1);
  auto opened = JournalPages(node.reader).OpenPayload(history);
  *exchange.mutable_request() = std::move(opened.request);
  *exchange.mutable_response() = std::move(opened.response);
  exchange.set_consumer_signature(std::move(opened.consumer_signature));
  return absl::OkStatus();
}

absl::Status ExportExchanges(const OperatorNode& node, const OperatorIdentity& who,
                             const v1::ExportExchangesRequest& request, ExchangesReply& reply) {
  std::string why;
  if (request.include_payload()) {
    NDX_RETURN_IF_ERROR(RequireRole(who, settings::v1::OPERATOR_ROLE_INVESTIGATOR,
                                    "ExportExchanges with payloads"));
    NDX_ASSIGN_OR_RETURN(why, OperatorLedger::CaseReason(request.case_number(), request.reason()));
  }
  NDX_ASSIGN_OR_RETURN(const auto chosen, Chosen(node, request));
  node.log.Write(telemetry::LogEvent::kOperatorCommand,
                 {{"operator", who.name}, {"action", "ExportExchanges"}});
  v1::ExportExchangesResponse head;
  head.set_checkpoint(node.reader.Checkpoint());
  head.set_vkey(node.keys.vkey());
  reply.Send(head);
  for (const auto& [id, consumer] : chosen) {
    NDX_ASSIGN_OR_RETURN(const auto history, JournalPages(node.reader).Find(id, consumer));
    v1::ExportExchangesResponse exchange;
    *exchange.mutable_summary() = history.summary;
    for (const journal::StoredLeaf& stored : history.leaves) {
      v1::ExportedLeaf& leaf = *exchange.add_leaves();
      leaf.set_index(stored.index);
      leaf.set_leaf(stored.bytes);
      NDX_ASSIGN_OR_RETURN(*leaf.mutable_receipt(), node.reader.Receipt(stored.index));
    }
    if (request.include_payload()) {
      NDX_RETURN_IF_ERROR(AddPayload(node, who, why, history, exchange));
    }
    reply.Send(exchange);
    reply.WaitWhileCongested();
    if (reply.cancelled()) break;
  }
  return absl::OkStatus();
}

}  // namespace

void AddExportMethods(const OperatorNode& node, ExportSlots& slots, OperatorMethods& methods) {
  using settings::v1::OPERATOR_ROLE_VIEWER;
  methods.Add<v1::ExportLeavesRequest, v1::ExportLeavesResponse>(
      "ExportLeaves", settings::v1::OPERATOR_ROLE_AUDITOR,
      [&node, &slots](const auto&, const auto& request, auto reply) {
        const ExportSlots::Slot slot(slots);
        reply.Finish(slot.status().ok() ? ExportLeaves(node, request, reply) : slot.status());
      });
  methods.Add<v1::ExportExchangesRequest, v1::ExportExchangesResponse>(
      "ExportExchanges", OPERATOR_ROLE_VIEWER,
      [&node, &slots](const OperatorIdentity& who, const auto& request, auto reply) {
        const ExportSlots::Slot slot(slots);
        reply.Finish(slot.status().ok() ? ExportExchanges(node, who, request, reply)
                                        : slot.status());
      });
}

}  // namespace ndx::console
