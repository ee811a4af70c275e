// ndxd: one node of the national data exchange bus (nút trục liên thông).
//
//   ndxd --config /etc/ndx/node.yaml
//
// Signals: SIGTERM and SIGINT drain and stop, a second one stops at once; SIGHUP reads the registry
// anew. Exit codes: 0 stopped as asked, 1 could not start or failed, 2 wrong use.
#include <pthread.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "google/protobuf/stubs/logging.h"
#include "ndx/core/core_dumps.h"
#include "ndx/daemon/node.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

// Blocked before any thread is made, so that only the loop below sees them.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, nullptr);
  return signals;
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "ndxd: %s\n", std::string(status.message()).c_str());
  return kFailed;
}

// A second request to stop, while the first is being carried out, ends the process.
void StopAtOnce(int) { std::_Exit(kFailed); }

int Serve(Node& node, const sigset_t& signals) {
  const timespec second{.tv_sec = 1, .tv_nsec = 0};
  while (!node.failed()) {
    const int signal = sigtimedwait(&signals, nullptr, &second);
    if (signal == SIGHUP) {
      node.Reload();
    } else if (signal == SIGTERM || signal == SIGINT) {
      struct sigaction at_once {};
      at_once.sa_handler = StopAtOnce;
      sigaction(SIGTERM, &at_once, nullptr);
      sigaction(SIGINT, &at_once, nullptr);
      pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
      node.Drain();
      return node.failed() ? kFailed : 0;
    } else {
      node.Tick();
    }
  }
  std::fprintf(stderr, "ndxd: the journal can no longer be written; stopped. See the log.\n");
  // Nothing may be acknowledged any more, and closing could wait for a disk that does not answer.
  std::_Exit(kFailed);
}

int Run(const std::string& config, bool check, bool open_new_epoch) {
  const sigset_t signals = BlockSignals();
  settings::v1::NodeSettings settings;
  const absl::Status loaded = settings::LoadSettings({config}, settings, nullptr);
  if (!loaded.ok()) return Fail(loaded);
  if (check) {
    const absl::Status checked = Node::Check(settings, config);
    if (!checked.ok()) return Fail(checked);
    std::printf("ndxd: %s can be started with\n", config.c_str());
    return 0;
  }
  auto node = Node::Start(settings, config, open_new_epoch);
  if (!node.ok()) return Fail(node.status());
  return Serve(**node, signals);
}

}  // namespace
}  // namespace ndx::daemon

int main(int argc, char** argv) {
  ndx::core::ForbidCoreDumps();
  // It would print a line for every message whose text is no UTF-8, as many as a peer cares to
  // send.
  google::protobuf::SetLogHandler(nullptr);
  CLI::App app{"ndxd: one node of the national data exchange bus (nút trục liên thông)", "ndxd"};
  std::string config;
  bool check = false;
  bool open_new_epoch = false;
  app.add_option("--config", config, "The node's settings (YAML); see config/README.md")
      ->required();
  app.add_flag("--check", check,
               "Read settings, registry and certificates, say what is wrong, and end");
  app.add_flag("--open-new-epoch", open_new_epoch,
               "Begin a new epoch because the journal is damaged or its key is lost");
  app.set_version_flag("--version", ndx::daemon::kVersion);
  app.footer(
      "Example: ndxd --config /etc/ndx/node.yaml\nSIGHUP reads the registry anew; SIGTERM drains "
      "and stops.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : ndx::daemon::kWrongUse;
  }
  return ndx::daemon::Run(config, check, open_new_epoch);
}
