// ndx-ledgerload: calls a node under load and keeps a ledger of what it sent and what it was told.
// README.md has the formats.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/ledgerload/load_run.h"
#include "ndx/tools/loadgen/pki_files.h"
#include "ndx/tools/loadgen/stop_signals.h"

namespace ndx::tools::ledgerload {
namespace {

constexpr uint32_t kConcurrencyMax = 4000;

struct Options {
  std::string target;
  std::string tls;
  std::string ca;
  std::string ledger;
  std::string exported;  // a ledger to print instead of making load
  std::string purpose = "dang-ky-bien-dong";
  std::string officer = "CB-0001";
  std::string procedure = "1.000001";
  PlanOptions plan;
  RunOptions run;
  double seconds = 10;
  double deadline_seconds = 10;
  std::string method = "verify";
};

transport::ChannelOptions ChannelOptionsOf(const Options& options) {
  transport::ChannelOptions channel;
  channel.address = options.target;
  channel.user_agent = "ndx-ledgerload/0.1";
  channel.limits.queued_calls_max = kConcurrencyMax;
  // A target that has just been started again is to be found again soon.
  channel.timeouts.backoff_first = absl::Milliseconds(20);
  channel.timeouts.backoff_max = absl::Milliseconds(200);
  if (!options.tls.empty()) channel.tls = loadgen::PkiFiles(options.tls, options.ca);
  return channel;
}

double Percentile(std::vector<uint32_t>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
  return sorted[at] / 1000.0;
}

void Print(RunFigures figures, double seconds) {
  std::sort(figures.latencies_us.begin(), figures.latencies_us.end());
  std::string statuses;
  for (const auto& [status, count] : figures.by_status) {
    absl::StrAppend(&statuses, statuses.empty() ? "" : ", ", status, ": ", count);
  }
  std::printf(
      "sent %llu, answered %llu (by status %s), receipts %llu, lost %llu (unknown) + %llu (not "
      "sent), resent %llu; "
      "%.0f answers/s, p50 %.2f ms, p95 %.2f ms\n",
      static_cast<unsigned long long>(figures.sent), static_cast<unsigned long long>(figures.acked),
      statuses.empty() ? "-" : statuses.c_str(), static_cast<unsigned long long>(figures.receipts),
      static_cast<unsigned long long>(figures.lost_unknown),
      static_cast<unsigned long long>(figures.lost_not_sent),
      static_cast<unsigned long long>(figures.resent),
      seconds > 0 ? static_cast<double>(figures.acked) / seconds : 0.0,
      Percentile(figures.latencies_us, 0.50), Percentile(figures.latencies_us, 0.95));
}

absl::Status Run(const Options& options) {
  core::SystemClock clock;
  core::SystemRandom random;
  NDX_ASSIGN_OR_RETURN(LoadPlan plan, LoadPlan::Read(options.plan));
  NDX_ASSIGN_OR_RETURN(const std::unique_ptr<LoadLedger> ledger, LoadLedger::Open(options.ledger));
  transport::EventLoop loop(clock, "ledgerload");
  NDX_ASSIGN_OR_RETURN(std::unique_ptr<transport::Channel> channel,
                       transport::Channel::Create(loop, random, ChannelOptionsOf(options)));
  LoadRun run(loop, *channel, clock, random, plan, *ledger, options.run);
  const loadgen::StopSignals signals(loop, [&run] { run.Stop(); });
  absl::Status outcome;
  const int64_t begin = clock.MonotonicNanos();
  run.Start([&](absl::Status status) {
    outcome = std::move(status);
    channel.reset();  // its connections close on the loop
    loop.Post([&loop] { loop.Stop(); });
  });
  loop.Run();
  Print(run.figures(), static_cast<double>(clock.MonotonicNanos() - begin) / 1e9);
  return outcome;
}

// One line for each acknowledged exchange with a receipt: id, space, receipt in base64.
absl::Status Export(const std::string& path) {
  NDX_ASSIGN_OR_RETURN(const auto ledger, ReadLedger(path));
  for (const auto& [id, entry] : ledger) {
    if (!entry.has_receipt) continue;
    NDX_ASSIGN_OR_RETURN(const ReceiptRecord record, ReadReceipt(path, entry.receipt_offset));
    if (record.exchange_id != id) {
      return absl::DataLossError(absl::StrCat("the receipt kept for ", id, " is another's"));
    }
    std::printf("%s %s\n", id.c_str(), absl::Base64Escape(record.receipt).c_str());
  }
  return absl::OkStatus();
}

// What the command line says in other words.
void Settle(Options& options) {
  if (options.method == "register") options.plan.changes_permille = 1000;
  if (options.method == "verify") options.plan.changes_permille = 0;
  options.run.duration = absl::Seconds(options.seconds);
  options.run.deadline = absl::Seconds(options.deadline_seconds);
  const std::pair<const char*, const std::string&> values[] = {
      {"ndx-purpose", options.purpose},
      {"ndx-dossier", options.plan.dossier},
      {"ndx-officer", options.officer},
      {"ndx-procedure", options.procedure}};
  for (const auto& [key, value] : values) {
    if (!value.empty()) options.run.metadata.Add(key, value);
  }
}

void Declare(command_options::Command& program, Options& options) {
  program.AddOption("--target", options.target, "host:port of the node, or unix:/path");
  program.AddOption("--tls", options.tls,
                    "DIR/SYSTEM of a directory that devpki made: certificate SYSTEM.crt, key "
                    "SYSTEM.key, authority DIR/ca.crt; "
                    "plaintext where absent");
  program.AddOption("--ca", options.ca,
                    "Authority of the node's certificate, where it is not DIR/ca.crt");
  program.AddOption("--ledger", options.ledger,
                    "Ledger to append to; receipts go to FILE.receipts");
  program.AddOption("--export", options.exported,
                    "Make no load: print the acknowledged exchanges of this ledger, one a line, id "
                    "and receipt (base64)");
  program
      .AddOption("--method", options.method,
                 "verify (population, a read), register (land, a change) or mixed (see --changes)")
      .OneOf({"verify", "register", "mixed"})
      .ShowDefault();
  program
      .AddOption("--changes", options.plan.changes_permille,
                 "With mixed: changes in 1000 exchanges")
      .Range(0, 1000);
  program.AddOption("--people", options.plan.people_file,
                    "CSV of people: ndx-datagen --insurer-list");
  program.AddOption("--parcels", options.plan.parcels_file,
                    "CSV of parcels: parcels.csv of ndx-datagen");
  program.AddOption("--concurrency", options.run.concurrency, "Exchanges under way at once")
      .Range(1U, kConcurrencyMax)
      .ShowDefault();
  program.AddOption("--seconds", options.seconds, "Ends after so many seconds")
      .Range(0.001, 86'400.0)
      .ShowDefault();
  program.AddOption("--count", options.run.count_max, "Ends after so many exchanges").ShowDefault();
  program.AddOption("--deadline", options.deadline_seconds, "Seconds that one exchange may take")
      .Range(0.001, 3600.0)
      .ShowDefault();
  program.AddFlag("--resend", options.run.resend,
                  "Send what was lost again, under the same exchange id, until it is answered");
  program.AddOption("--purpose", options.purpose, "ndx-purpose").ShowDefault();
  program.AddOption("--dossier", options.plan.dossier, "ndx-dossier, and the dossier in a change")
      .ShowDefault();
  program.AddOption("--officer", options.officer, "ndx-officer").ShowDefault();
  program.AddOption("--procedure", options.procedure, "ndx-procedure").ShowDefault();
}

}  // namespace
}  // namespace ndx::tools::ledgerload

int main(int argc, char** argv) {
  ndx::tools::ledgerload::Options options;
  options.plan.dossier = "H55.990-20260105-0000001";
  options.plan.changes_permille = 100;
  ndx::tools::command_options::Program program{
      "Calls a node under load and keeps a ledger of what was sent and what was answered, with the "
      "receipts. Goes on when the "
      "node dies and comes back."};
  program.SetFooter(
      "Example: ndx-ledgerload --target 127.0.0.1:7443 --tls /tmp/demo/pki/VN:GOV:H55.990:mot-cua "
      "--method mixed "
      "--changes 100 --people list.csv --parcels nation/parcels.csv --concurrency 32 --seconds 10 "
      "--ledger /tmp/ledger\n"
      "Exit status: 0 the load ran to its end (whatever was answered), 1 it could not run, 2 and "
      "more wrong arguments.");
  ndx::tools::ledgerload::Declare(program, options);
  if (const auto ended = program.Read(argc, argv)) return *ended;
  if (options.exported.empty() && (options.target.empty() || options.ledger.empty())) {
    std::fputs("ndx-ledgerload: --target and --ledger are needed; see --help\n", stderr);
    return 2;
  }
  ndx::tools::ledgerload::Settle(options);
  const absl::Status status = options.exported.empty()
                                  ? ndx::tools::ledgerload::Run(options)
                                  : ndx::tools::ledgerload::Export(options.exported);
  if (status.ok()) return 0;
  std::fprintf(stderr, "ndx-ledgerload: %s\n", std::string(status.message()).c_str());
  return 1;
}
