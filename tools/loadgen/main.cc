// ndx-loadgen: calls an echo service under load, closed or open loop, and checks every answer.
// README.md has the report.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/tools/command_options/command.h"
#include "ndx/tools/loadgen/load_run.h"
#include "ndx/tools/loadgen/pki_files.h"
#include "ndx/tools/loadgen/stop_signals.h"

namespace ndx::tools::loadgen {
namespace {

constexpr uint32_t kConcurrencyMax = 100'000;
constexpr uint32_t kConnectionsMax = 10'000;
// Below the number of streams that servers commonly allow on one connection (100).
constexpr uint32_t kCallsPerConnection = 64;

struct Options {
  LoadShape shape;
  std::string tls;
  std::string ca;
  std::vector<std::string> headers;
  std::vector<std::string> expected;
  LoadOptions run;
  double warm_up_seconds = 1;
  double seconds = 10;
  double deadline_seconds = 30;
};

double CpuMicros() {
  rusage usage{};
  (void)::getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

transport::ChannelOptions ChannelOptionsOf(const Options& options) {
  transport::ChannelOptions channel;
  channel.address = options.shape.target;
  channel.user_agent = "ndx-loadgen/0.1";
  channel.limits.connections_max = 1;
  channel.limits.queued_calls_max = kConcurrencyMax;
  channel.limits.message_bytes_max = core::kMessageBytesMax;
  if (!options.tls.empty()) channel.tls = PkiFiles(options.tls, options.ca);
  return channel;
}

absl::StatusOr<std::vector<std::unique_ptr<transport::Channel>>> Connect(transport::EventLoop& loop,
                                                                         core::Random& random,
                                                                         const Options& options) {
  std::vector<std::unique_ptr<transport::Channel>> channels;
  for (uint32_t at = 0; at < options.shape.connections; ++at) {
    NDX_ASSIGN_OR_RETURN(auto channel,
                         transport::Channel::Create(loop, random, ChannelOptionsOf(options)));
    channels.push_back(std::move(channel));
  }
  return channels;
}

// The run's figures.
absl::StatusOr<LoadFigures> Run(const Options& options, const PayloadSizes& sizes) {
  core::SystemClock clock;
  core::SystemRandom random;
  transport::EventLoop loop(clock, "loadgen");
  NDX_ASSIGN_OR_RETURN(auto channels, Connect(loop, random, options));
  std::vector<transport::Channel*> borrowed;
  borrowed.reserve(channels.size());
  for (const auto& channel : channels) borrowed.push_back(channel.get());
  LoadRun run(loop, std::move(borrowed), clock, sizes, options.run);
  const StopSignals signals(loop, [&run] { run.Stop(); });
  double cpu_before = CpuMicros();
  double cpu_after = cpu_before;
  run.Start(
      [&] {
        cpu_before = CpuMicros();
        // Whoever measures the target starts now.
        std::fprintf(stderr, "ndx-loadgen: measuring\n");
      },
      [&] {
        cpu_after = CpuMicros();
        loop.Defer([&] { channels.clear(); });  // their connections close on the loop
        loop.Post([&loop] { loop.Stop(); });
      });
  loop.Run();
  LoadFigures figures = run.figures();
  figures.cpu_us = cpu_after - cpu_before;
  return figures;
}

// What the command line says in other words.
absl::StatusOr<PayloadSizes> Settle(Options& options) {
  LoadOptions& run = options.run;
  LoadShape& shape = options.shape;
  run.warm_up = absl::Seconds(options.warm_up_seconds);
  run.duration = absl::Seconds(options.seconds);
  run.deadline = absl::Seconds(options.deadline_seconds);
  if (run.concurrency == 0) run.concurrency = run.rate > 0 ? 4096 : 1;
  if (shape.connections == 0) {
    shape.connections = (run.concurrency + kCallsPerConnection - 1) / kCallsPerConnection;
  }
  shape.connections = std::min(shape.connections, run.concurrency);
  shape.concurrency = run.concurrency;
  shape.rate = run.rate;
  shape.tls = !options.tls.empty();
  run.expected = {options.expected.begin(), options.expected.end()};
  for (const std::string& header : options.headers) {
    const size_t colon = header.find(':');
    const bool added = colon != std::string::npos &&
                       run.metadata.Add(absl::StripAsciiWhitespace(header.substr(0, colon)),
                                        absl::StripAsciiWhitespace(header.substr(colon + 1)));
    if (!added) {
      return absl::InvalidArgumentError(absl::StrCat("'", header, "' is no header, name: value"));
    }
  }
  return PayloadSizes::Parse(shape.payload);
}

void Declare(command_options::Command& program, Options& options) {
  LoadOptions& run = options.run;
  program.AddOption("--target", options.shape.target, "host:port, or unix:/path").Required();
  program.AddOption("--tls", options.tls,
                    "DIR/SYSTEM of a directory that devpki made: certificate SYSTEM.crt, key "
                    "SYSTEM.key, authority DIR/ca.crt; plaintext where absent");
  program.AddOption("--ca", options.ca,
                    "Authority of the server's certificate, where it is not DIR/ca.crt");
  program.AddOption("--path", run.path, "Method that answers what it was sent").ShowDefault();
  program
      .AddOption("--payload", options.shape.payload, "Bytes of a request: 256, 4KiB, 2MiB, or mix")
      .ShowDefault();
  program
      .AddOption("--concurrency", run.concurrency,
                 "Closed loop: calls under way (1). Open loop: at most so many (4096)")
      .Range(1U, kConcurrencyMax);
  program.AddOption("--rate", run.rate, "Open loop: requests a second; closed loop where absent")
      .Range(0.01, 1e7);
  program
      .AddOption("--connections", options.shape.connections,
                 "Connections; one for 64 calls where absent")
      .Range(1U, kConnectionsMax);
  program.AddOption("--warm-up", options.warm_up_seconds, "Seconds before measuring begins")
      .Range(0.0, 3600.0)
      .ShowDefault();
  program.AddOption("--seconds", options.seconds, "Seconds measured")
      .Range(0.001, 86'400.0)
      .ShowDefault();
  program.AddOption("--deadline", options.deadline_seconds, "Seconds that one call may take")
      .Range(0.001, 3600.0)
      .ShowDefault();
  program.AddOption("--header,-H", options.headers,
                    "Metadata of every request, 'name: value'; may be given again");
  program.AddOption("--trailer", run.trailer, "Every answer must carry this trailer");
  program.AddOption("--expect", options.expected,
                    "Status that is no fault, beside OK: RESOURCE_EXHAUSTED; may be given again");
}

}  // namespace
}  // namespace ndx::tools::loadgen

int main(int argc, char** argv) {
  namespace loadgen = ndx::tools::loadgen;
  loadgen::Options options;
  options.shape.payload = "256";
  options.run.concurrency = 0;
  ndx::tools::command_options::Program program{
      "Calls an echo service (ndx.loadgen.v1.EchoService) under load, checks every answer, and "
      "prints what it measured as one JSON object."};
  program.SetFooter(
      "Example: ndx-loadgen --target 127.0.0.1:7443 --tls PKI/VN:GOV:H55:mot-cua -H 'ndx-purpose: "
      "do-tai' --payload mix --rate 500 --seconds 30\n"
      "Exit status: 0 every answer was right, 1 at least one was not or did not come, 2 it could "
      "not run, more for wrong arguments.");
  loadgen::Declare(program, options);
  if (const auto ended = program.Read(argc, argv)) return *ended;
  const auto sizes = loadgen::Settle(options);
  const auto figures = sizes.ok() ? loadgen::Run(options, *sizes) : sizes.status();
  if (!figures.ok()) {
    std::fprintf(stderr, "ndx-loadgen: %s\n", std::string(figures.status().message()).c_str());
    return 2;
  }
  std::printf("%s\n", loadgen::JsonReport(options.shape, *figures).c_str());
  if (::isatty(STDERR_FILENO) != 0) {
    std::fprintf(stderr, "%s\n", loadgen::ReportLine(options.shape, *figures).c_str());
  }
  if (figures->faults == 0) return 0;
  std::fprintf(stderr, "ndx-loadgen: %llu faults, the first: %s\n",
               static_cast<unsigned long long>(figures->faults), figures->first_fault.c_str());
  return 1;
}
