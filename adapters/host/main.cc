// ndx-adapter: one or several adapters in a process.
//
// Exit codes: 0 stopped after a clean drain (or the configuration is good, with --check), 1 stopped
// with calls cut, 2 the configuration is wrong or an address cannot be had.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ndx/adapters/host/adapter_host.h"
#include "ndx/adapters/host/adapter_kinds.h"
#include "ndx/core/core_dumps.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_random.h"
#include "ndx/crypto/locked_memory.h"
#include "ndx/telemetry/json_log.h"
#include "ndx/telemetry/service_notifier.h"

namespace ndx::host {
namespace {

constexpr int kExitCut = 1;
constexpr int kExitWrong = 2;

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "ndx-adapter: %s\n", std::string(status.message()).c_str());
  return kExitWrong;
}

telemetry::JsonLogOptions LogOptions(const settings::v1::LogSettings& log) {
  telemetry::JsonLogOptions options;
  options.file = log.file();
  switch (log.level()) {
    case settings::v1::LOG_LEVEL_DEBUG:
      options.severity_min = telemetry::LogSeverity::kDebug;
      break;
    case settings::v1::LOG_LEVEL_WARNING:
      options.severity_min = telemetry::LogSeverity::kWarning;
      break;
    case settings::v1::LOG_LEVEL_ERROR:
      options.severity_min = telemetry::LogSeverity::kError;
      break;
    default:
      options.severity_min = telemetry::LogSeverity::kInfo;
  }
  return options;
}

// Builds every adapter and goes.
int Check(const connector::v1::HostSettings& settings, const core::Clock& clock) {
  for (const auto& adapter : settings.adapters()) {
    const auto made = MakeAdapter(adapter.kind(), adapter.config_file(), clock);
    if (!made.ok()) return Fail(made.status());
  }
  std::printf("ndx-adapter: the configuration of %d adapters is good\n", settings.adapters_size());
  return 0;
}

int Serve(const connector::v1::HostSettings& settings, const core::Clock& clock) {
  core::SystemRandom random;
  auto log = telemetry::JsonLog::Open(LogOptions(settings.log()), clock);
  if (!log.ok()) return Fail(log.status());
  if (const std::string why = crypto::LockSecretMemory(); !why.empty()) {
    (*log)->Write(telemetry::LogEvent::kSecretMemoryNotLocked, {{"error", why}});
  }
  // Before any thread is made, so that all inherit it and only sigwait sees the signals.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  signal(SIGPIPE, SIG_IGN);

  AdapterHost host(clock, random, **log);
  if (const absl::Status started = host.Start(settings); !started.ok()) return Fail(started);
  telemetry::SystemdNotifier notifier;
  notifier.Ready(absl::StrCat("serving on ports ", absl::StrJoin(host.ports(), ", ")));
  const std::vector<uint16_t> ports = host.ports();
  for (int i = 0; i < settings.adapters_size(); ++i) {
    const auto& adapter = settings.adapters(i);
    std::printf("%s %s %u\n", adapter.name().c_str(), adapter.listen().c_str(),
                unsigned{ports[static_cast<size_t>(i)]});
  }
  std::fflush(stdout);
  int signal_number = 0;
  sigwait(&stop, &signal_number);
  notifier.Stopping(absl::Seconds(settings.drain_timeout().seconds()));
  return host.Drain() ? 0 : kExitCut;
}

int Main(int argc, char** argv) {
  CLI::App app("Adapters of the national databases: gRPC in, SQL out.", "ndx-adapter");
  std::string config;
  std::vector<std::string> names;
  bool check = false;
  app.add_option("--config", config, "Configuration file (HostSettings)")->required();
  app.add_option("--adapter", names, "Only this adapter of the file; may be given several times");
  app.add_flag("--check", check, "Read the configuration, build the adapters, and end");
  app.footer(
      absl::StrCat("Kinds: ", absl::StrJoin(AdapterKinds(), ", "),
                   "\n\nExample:\n  ndx-adapter --config adapters.yaml --adapter land\n"
                   "prints one line for each adapter when it listens: name, address, port."));
  CLI11_PARSE(app, argc, argv);
  const core::SystemClock clock;
  const auto settings = ReadHostSettings(config, names);
  if (!settings.ok()) return Fail(settings.status());
  return check ? Check(*settings, clock) : Serve(*settings, clock);
}

}  // namespace
}  // namespace ndx::host

int main(int argc, char** argv) {
  ndx::core::ForbidCoreDumps();
  return ndx::host::Main(argc, argv);
}
