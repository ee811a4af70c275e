#include "ndx/tools/ndxctl/report_file.h"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/json_util.h"
#include "ndx/console/exchange_view.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/bundle_files.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/tools/verify/bundle_verification.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::ndxctl {
namespace {

namespace api = console::v1;

namespace util = google::protobuf::util;
using journal::EvidenceWriter;

EvidenceWriter::Leaf LeafOf(const api::ExportedLeaf& leaf) {
  return {.index = leaf.index(), .bytes = leaf.leaf(), .receipt = leaf.receipt()};
}

// The scope with the exchanges' field sets; leaves and receipts stand in the bundle's own files.
absl::StatusOr<std::string> ScopeJson(const ReportPart& part) {
  api::SubjectReportScope scope = part.scope;
  for (const api::ReportedExchange& exchange : part.exchanges) {
    api::ReportedExchange& entry = *scope.add_exchanges();
    entry.set_exchange_id(exchange.exchange_id());
    entry.set_consumer(exchange.consumer());
    entry.set_field_set(exchange.field_set());
  }
  util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!util::MessageToJsonString(scope, &json, options).ok()) {
    return absl::InternalError("the report cannot be written as JSON");
  }
  return json;
}

absl::StatusOr<std::string> Fill(const ReportPart& part, EvidenceWriter& writer) {
  NDX_RETURN_IF_ERROR(writer.Add({.leaves = {LeafOf(part.head.report_leaf())}}));
  for (const api::ReportedExchange& exchange : part.exchanges) {
    EvidenceWriter::Exchange evidence{.exchange_id = exchange.exchange_id(),
                                      .consumer = exchange.consumer()};
    for (const api::ExportedLeaf& leaf : exchange.leaves()) evidence.leaves.push_back(LeafOf(leaf));
    NDX_RETURN_IF_ERROR(writer.Add(evidence));
  }
  NDX_ASSIGN_OR_RETURN(const std::string scope, ScopeJson(part));
  NDX_RETURN_IF_ERROR(writer.AddFile(kReportScopeFile, scope));
  const absl::Time made = console::FromTimestamp(part.scope.made());
  return writer.Finish(
      {.checkpoint = part.head.checkpoint(),
       .vkey = part.head.vkey(),
       .origin = part.source.origin(),
       .tree_size = part.source.tree_size(),
       .made = absl::FormatTime(absl::RFC3339_sec, made, absl::FixedTimeZone(7 * 3600)),
       // Without the person: bundles are listed and passed on by what stands here.
       .selection = absl::StrCat("report about a person, asked for in leaf ",
                                 part.head.report_leaf().index())});
}

// The leaves of the bundle, each with its receipt, by index.
absl::StatusOr<std::map<uint64_t, api::ExportedLeaf>> ReadLeaves(
    const journal::BundleReader& bundle) {
  NDX_ASSIGN_OR_RETURN(const std::string lines, bundle.Read(journal::kBundleLeaves));
  std::map<uint64_t, api::ExportedLeaf> leaves;
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    NDX_ASSIGN_OR_RETURN(const journal::LeafLine parsed, journal::ParseLeafLine(line));
    api::ExportedLeaf& leaf = leaves[parsed.index];
    leaf.set_index(parsed.index);
    leaf.set_leaf(parsed.bytes);
    NDX_ASSIGN_OR_RETURN(*leaf.mutable_receipt(),
                         bundle.Read(journal::BundleReceiptName(parsed.index)));
  }
  return leaves;
}

absl::Status ReadExchanges(const journal::BundleReader& bundle, ReportPart& part) {
  NDX_ASSIGN_OR_RETURN(const std::string json, bundle.Read(journal::kBundleManifest));
  NDX_ASSIGN_OR_RETURN(const auto manifest, journal::ParseManifest(json));
  NDX_ASSIGN_OR_RETURN(auto leaves, ReadLeaves(bundle));
  std::map<std::pair<std::string, std::string>, uint32_t> field_sets;
  for (const api::ReportedExchange& exchange : part.scope.exchanges()) {
    field_sets[{exchange.exchange_id(), exchange.consumer()}] = exchange.field_set();
  }
  part.scope.clear_exchanges();
  for (const auto& entry : manifest.exchanges()) {
    if (entry.exchange_id().empty()) {
      *part.head.mutable_report_leaf() = leaves[part.scope.report_leaf()];
      continue;
    }
    api::ReportedExchange exchange;
    exchange.set_exchange_id(entry.exchange_id());
    exchange.set_consumer(entry.consumer());
    exchange.set_field_set(field_sets[{entry.exchange_id(), entry.consumer()}]);
    for (const uint64_t index : entry.leaves()) *exchange.add_leaves() = leaves[index];
    part.exchanges.push_back(std::move(exchange));
  }
  if (part.exchanges.size() != field_sets.size()) {
    return absl::DataLossError("the report and the manifest name different exchanges");
  }
  return absl::OkStatus();
}

absl::Status ReadPart(const journal::BundleReader& bundle, ReportPart& part) {
  NDX_ASSIGN_OR_RETURN(*part.head.mutable_checkpoint(), bundle.Read(journal::kBundleCheckpoint));
  NDX_ASSIGN_OR_RETURN(const std::string vkey, bundle.Read(journal::kBundleVkey));
  part.head.set_vkey(std::string(absl::StripAsciiWhitespace(vkey)));
  return ReadExchanges(bundle, part);
}

// Every file by the manifest's digest, the words by the bytes, receipts by the keys.
absl::Status VerifyFiles(const journal::BundleReader& bundle, const std::vector<std::string>& vkeys,
                         const ReportPart& part) {
  std::vector<journal::NoteVerifier> keys;
  std::vector<std::string> all = vkeys;
  // Whose key it is makes no difference here; Judge() tells given keys from the part's own.
  all.push_back(part.head.vkey());
  for (const std::string& vkey : all) {
    NDX_ASSIGN_OR_RETURN(auto key, journal::NoteVerifier::FromVkey(vkey));
    keys.push_back(std::move(key));
  }
  verify::Verdict verdict;
  verify::BundleVerification(bundle, keys, {}, verdict).Run();
  if (verdict.holds()) return absl::OkStatus();
  return absl::DataLossError(verdict.first_problem().en);
}

}  // namespace

absl::StatusOr<std::string> WriteReportFile(const ReportPart& part, const std::string& path) {
  NDX_ASSIGN_OR_RETURN(auto writer, EvidenceWriter::Create(path));
  auto digest = Fill(part, writer);
  std::error_code error;
  if (!digest.ok()) std::filesystem::remove_all(path, error);
  return digest;
}

absl::StatusOr<ReportPart> ReadReportFile(const std::string& path,
                                          const std::vector<std::string>& vkeys) {
  NDX_ASSIGN_OR_RETURN(const auto bundle, journal::BundleReader::Open(path));
  const auto json = bundle.Read(kReportScopeFile);
  ReportPart part;
  if (!json.ok() || !util::JsonStringToMessage(*json, &part.scope).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": no report written by ndxctl subject report --export"));
  }
  part.source.set_file(path);
  absl::Status status = ReadPart(bundle, part);
  if (status.ok()) status = VerifyFiles(bundle, vkeys, part);
  if (status.ok()) {
    Judge(vkeys, part);
  } else {
    Reject(std::string(status.message()), part);
  }
  return part;
}

}  // namespace ndx::tools::ndxctl
