// A plain grpc++ provider for the conformance tests: somebody else's gRPC server, knowing nothing
// of NDX.
//
//   interop_server ADDRESS [LEDGER]
//
// ADDRESS is unix:/path or 127.0.0.1:0, plaintext. Prints "ready <address>" when it listens; stops
// on SIGTERM.
#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "call_ledger.h"
#include "interop_service.h"

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: interop_server unix:PATH|HOST:PORT [LEDGER]\n");
    return 2;
  }
  // Blocked before any thread starts, so that only sigwait below sees them.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  ndx::tests::CallLedger ledger(argc == 3 ? argv[2] : "");
  ndx::tests::InteropService service(ledger);
  const std::string address = argv[1];
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  const auto server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "interop_server: cannot listen on %s\n", address.c_str());
    return 1;
  }
  const std::string shown = absl::StartsWith(address, "unix:")
                                ? address
                                : absl::StrCat(address.substr(0, address.rfind(':')), ":", port);
  std::printf("ready %s\n", shown.c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&stop_signals, &signal);
  service.Stop();
  server->Shutdown(absl::ToChronoTime(absl::Now() + absl::Seconds(2)));
  return 0;
}
