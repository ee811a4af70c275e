// ndxctl journal export: the whole tree as tiles, leaves as lines of JSON, or chosen exchanges as
// an evidence bundle; from the node, or from a copy of its journal.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/journal/journal_copy.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/tile_export.h"
#include "ndx/tools/ndxctl/command_line.h"
#include "ndx/tools/ndxctl/commands.h"
#include "ndx/tools/ndxctl/error_report.h"
#include "ndx/tools/ndxctl/evidence_source.h"
#include "ndx/tools/ndxctl/filter_options.h"
#include "ndx/tools/ndxctl/json_object.h"
#include "ndx/tools/ndxctl/key_files.h"
#include "ndx/tools/ndxctl/operator_client.h"

namespace ndx::tools::ndxctl {
namespace {

struct ExportOptions {
  std::string tiles;
  std::string ndjson;
  std::string bundle;
  std::string directory;
  std::vector<std::string> key_files;
  FilterOptions filter;
  std::vector<std::string> exchange_ids;
  bool payload = false;
  std::string case_number;
  std::string reason;
};

// The signed head that everything exported must lead to.
class TrustedHead {
 public:
  explicit TrustedHead(std::vector<std::string> vkeys) : vkeys_(std::move(vkeys)) {}

  // Checks the signature, by the keys given or, where none is, by the source's own.
  absl::Status Take(const EvidenceSource::Head& head) {
    std::vector<journal::NoteVerifier> verifiers;
    for (const std::string& vkey : vkeys_.empty() ? std::vector{head.vkey} : vkeys_) {
      NDX_ASSIGN_OR_RETURN(auto verifier, journal::NoteVerifier::FromVkey(vkey));
      verifiers.push_back(std::move(verifier));
    }
    NDX_ASSIGN_OR_RETURN(checkpoint_, journal::OpenCheckpoint(head.checkpoint, verifiers));
    head_ = head;
    return absl::OkStatus();
  }

  const EvidenceSource::Head& head() const { return head_; }
  const journal::Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  const std::vector<std::string> vkeys_;
  EvidenceSource::Head head_;
  journal::Checkpoint checkpoint_;
};

// What was written, for the last line on the terminal.
struct Written {
  uint64_t leaves = 0;
  uint64_t exchanges = 0;
  std::string manifest_sha256;
};

absl::StatusOr<Written> ExportTiles(EvidenceSource& source, const ExportOptions& options,
                                    TrustedHead& trusted) {
  NDX_ASSIGN_OR_RETURN(auto tiles, journal::TileExport::Open(options.tiles));
  const uint64_t before = tiles.size();
  api::ExportLeavesRequest request;
  request.set_from_index(before);
  NDX_RETURN_IF_ERROR(source.Leaves(
      request, [&](const auto& head) { return trusted.Take(head); },
      [&](uint64_t index, const std::string& leaf) -> absl::Status {
        if (index != tiles.size()) {
          return absl::DataLossError(absl::StrCat("leaf ", tiles.size(), " is missing"));
        }
        return tiles.Add(leaf);
      }));
  NDX_RETURN_IF_ERROR(tiles.Finish(trusted.head().checkpoint));
  return Written{.leaves = tiles.size() - before};
}

absl::StatusOr<Written> ExportLines(EvidenceSource& source, const ExportOptions& options,
                                    const std::string& filter, TrustedHead& trusted) {
  std::ofstream out(options.ndjson, std::ios::binary);
  api::ExportLeavesRequest request;
  request.set_filter(filter);
  Written written;
  NDX_RETURN_IF_ERROR(source.Leaves(
      request, [&](const auto& head) { return trusted.Take(head); },
      [&](uint64_t index, const std::string& leaf) -> absl::Status {
        NDX_ASSIGN_OR_RETURN(const std::string line, journal::FormatLeafLine(index, leaf));
        out << line << "\n";
        ++written.leaves;
        return absl::OkStatus();
      }));
  out.close();
  if (!out) return absl::UnavailableError(absl::StrCat(options.ndjson, " cannot be written"));
  return written;
}

// The exchange as the bundle holds it; every receipt is verified before it is handed on.
absl::StatusOr<journal::EvidenceWriter::Exchange> ToEvidence(
    const api::ExportExchangesResponse& exported, const std::string& vkey) {
  journal::EvidenceWriter::Exchange exchange{
      .exchange_id = exported.summary().exchange_id(),
      .consumer = exported.summary().consumer(),
      .request = {exported.request().messages().begin(), exported.request().messages().end()},
      .response = {exported.response().messages().begin(), exported.response().messages().end()},
      .consumer_signature = exported.consumer_signature(),
      .unreadable = exported.request().unreadable(),
      .read_leaf_plus_one = exported.read_leaf_index_plus_one()};
  if (exchange.unreadable.empty()) exchange.unreadable = exported.response().unreadable();
  for (const api::ExportedLeaf& leaf : exported.leaves()) {
    NDX_ASSIGN_OR_RETURN(const auto verified,
                         journal::VerifyReceipt(leaf.receipt(), {.vkey = vkey}));
    if (verified.index != leaf.index()) {
      return absl::DataLossError(
          absl::StrCat("the receipt of leaf ", leaf.index(), " is another's"));
    }
    exchange.leaves.push_back(
        {.index = leaf.index(), .bytes = leaf.leaf(), .receipt = leaf.receipt()});
  }
  return exchange;
}

absl::StatusOr<Written> FillBundle(EvidenceSource& source, const ExportOptions& options,
                                   const std::string& filter, absl::Time now, TrustedHead& trusted,
                                   journal::EvidenceWriter& writer) {
  api::ExportExchangesRequest request;
  for (const std::string& id : options.exchange_ids) request.add_exchange_ids(id);
  request.set_filter(filter);
  request.set_include_payload(options.payload);
  request.set_case_number(options.case_number);
  request.set_reason(options.reason);
  Written written;
  std::vector<std::string> methods;
  NDX_RETURN_IF_ERROR(source.Exchanges(
      request, [&](const auto& head) { return trusted.Take(head); },
      [&](const api::ExportExchangesResponse& exported) -> absl::Status {
        NDX_ASSIGN_OR_RETURN(const auto exchange, ToEvidence(exported, trusted.head().vkey));
        methods.push_back(exported.summary().method());
        ++written.exchanges;
        written.leaves += exchange.leaves.size();
        return writer.Add(exchange);
      }));
  journal::EvidenceWriter::Head head{
      .checkpoint = trusted.head().checkpoint,
      .vkey = trusted.head().vkey,
      .descriptors = options.payload ? source.Descriptors(methods) : "",
      .origin = trusted.checkpoint().origin,
      .tree_size = trusted.checkpoint().head.size,
      .made = absl::FormatTime(absl::RFC3339_sec, now, absl::FixedTimeZone(7 * 3600)),
      .selection = options.exchange_ids.empty()
                       ? (filter.empty() ? "all" : filter)
                       : absl::StrCat("exchanges ", absl::StrJoin(options.exchange_ids, ", "))};
  NDX_ASSIGN_OR_RETURN(written.manifest_sha256, writer.Finish(head));
  return written;
}

absl::StatusOr<Written> ExportBundle(EvidenceSource& source, const ExportOptions& options,
                                     const std::string& filter, absl::Time now,
                                     TrustedHead& trusted) {
  NDX_ASSIGN_OR_RETURN(auto writer, journal::EvidenceWriter::Create(options.bundle));
  auto written = FillBundle(source, options, filter, now, trusted, writer);
  // Half a bundle is no evidence, and would stand in the way of the next attempt.
  std::error_code error;
  if (!written.ok()) std::filesystem::remove_all(options.bundle, error);
  return written;
}

void PrintWritten(const Written& written, const TrustedHead& trusted, Terminal& terminal) {
  const journal::Checkpoint& checkpoint = trusted.checkpoint();
  if (terminal.json()) {
    JsonObject object;
    object.Add("origin", checkpoint.origin);
    object.Add("tree_size", absl::StrCat(checkpoint.head.size));
    object.Add("leaves", absl::StrCat(written.leaves));
    object.Add("exchanges", absl::StrCat(written.exchanges));
    object.AddUnlessEmpty("manifest_sha256", written.manifest_sha256);
    terminal.out << object.ToString() << "\n";
    return;
  }
  terminal.out << checkpoint.origin << ": " << written.leaves << " "
               << terminal.Say("leaves written", "bản ghi đã xuất") << ", "
               << terminal.Say("checkpoint of", "điểm kiểm tra của") << " " << checkpoint.head.size
               << "\n";
  if (!written.manifest_sha256.empty()) {
    terminal.out << terminal.Say("exchanges", "giao dịch") << " " << written.exchanges << ", "
                 << terminal.Say("manifest SHA-256", "SHA-256 của bản kê") << " "
                 << written.manifest_sha256 << "\n";
  }
}

ExitCode Export(CommandLine& line, const ExportOptions& options) {
  Terminal& terminal = line.terminal();
  const auto usage = [&](const absl::Status& status) {
    return Complain(terminal, std::string(status.message()), ExitCode::kUsage);
  };
  const int forms = static_cast<int>(!options.tiles.empty()) +
                    static_cast<int>(!options.ndjson.empty()) +
                    static_cast<int>(!options.bundle.empty());
  if (forms != 1) {
    return usage(absl::InvalidArgumentError("exactly one of --tiles, --ndjson and --bundle"));
  }
  const auto vkeys = ReadVkeys(options.key_files);
  if (!vkeys.ok()) return usage(vkeys.status());
  const auto filter = ExpressionOf(options.filter, line.clock().Now(), terminal);
  if (!filter.ok()) return usage(filter.status());
  std::unique_ptr<EvidenceSource> source;
  if (options.directory.empty()) {
    source = NodeSource(line.client());
  } else {
    if (vkeys->empty()) {
      return usage(
          absl::InvalidArgumentError("--directory needs the node's public key, --key FILE"));
    }
    auto copy = journal::JournalCopy::Open(options.directory, *vkeys);
    if (!copy.ok()) {
      return Complain(terminal, std::string(copy.status().message()), ExitCode::kFailed);
    }
    source = CopySource(*std::move(copy), line.clock().Now());
  }
  TrustedHead trusted(*vkeys);
  const auto written = !options.tiles.empty() ? ExportTiles(*source, options, trusted)
                       : !options.ndjson.empty()
                           ? ExportLines(*source, options, *filter, trusted)
                           : ExportBundle(*source, options, *filter, line.clock().Now(), trusted);
  if (!written.ok()) return source->Explain(written.status(), terminal);
  PrintWritten(*written, trusted, terminal);
  return ExitCode::kOk;
}

}  // namespace

void AddJournalExport(CommandLine& line, command_options::Command& journal) {
  auto options = std::make_shared<ExportOptions>();
  command_options::Command command = journal.AddCommand(
      "export", "Writes evidence: the tree as tiles, leaves as JSON lines, or chosen exchanges");
  // Exactly one of three.
  command.AddOption("--tiles", options->tiles,
                    "Directory for the whole tree (C2SP tlog-tiles); goes on where it ended");
  command.AddOption("--ndjson", options->ndjson, "File for leaves, one JSON object a line");
  command.AddOption(
      "--bundle", options->bundle,
      "Evidence bundle (hồ sơ chứng cứ): a new directory, or a new file ending in .tar");
  command.AddOption("exchanges", options->exchange_ids, "For --bundle: exchange ids");
  AddFilterOptions(command, options->filter, FilterTimes::kTaken);
  command.AddFlag("--payload", options->payload,
                  "For --bundle: request and answer too; each reading is recorded with your name");
  command.AddOption("--case", options->case_number,
                    "Case (số vụ việc) for which payloads are read; stands in the journal");
  command.AddOption("--reason", options->reason, "Why payloads are read; stands in the journal");
  command.AddOption("--directory", options->directory,
                    "Read a copy of the journal's directory instead of the node");
  command
      .AddOption("--key", options->key_files,
                 "File with the node's public key (vkey); needed with --directory")
      .OneEachTime();
  line.Bind(command,
            "  ndxctl journal export --tiles /audit/journal\n"
            "  ndxctl journal export --ndjson march.ndjson --from 2026-03-01 --to 2026-04-01\n"
            "  ndxctl journal export --bundle case-17.tar 01930a5d-ac96-774b-bcce-b302099a8057 "
            "--payload --case 17/KN --reason complaint\n"
            "  ndxctl journal export --tiles out --directory /backup/journal --key node.vkey",
            [&line, options] { return Export(line, *options); });
}

}  // namespace ndx::tools::ndxctl
