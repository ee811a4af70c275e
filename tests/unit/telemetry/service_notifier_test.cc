#include "ndx/telemetry/service_notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::telemetry {
namespace {

// What a service manager listens on.
class NotifySocket {
 public:
  NotifySocket() : path_(directory_.File("notify")), socket_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof(address.sun_path) - 1);
    REQUIRE(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~NotifySocket() {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    close(socket_);
  }

  std::string Receive() {
    char buffer[512];
    const ssize_t got = recv(socket_, buffer, sizeof(buffer), MSG_DONTWAIT);
    return got < 0 ? std::string("nothing") : std::string(buffer, static_cast<size_t>(got));
  }

 private:
  tests::TempDir directory_;
  std::string path_;
  int socket_;
};

TEST_CASE("the service manager is told each step") {
  NotifySocket manager;
  SystemdNotifier notifier;
  notifier.Ready("12 providers\nREADY=0");
  CHECK(manager.Receive() == "READY=1\nSTATUS=12 providers");
  notifier.Status("busy");
  CHECK(manager.Receive() == "STATUS=busy");
  notifier.Reloading(5'000'000);
  CHECK(manager.Receive() == "RELOADING=1\nMONOTONIC_USEC=5000");
  notifier.Stopping(absl::Seconds(30));
  CHECK(manager.Receive() == "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000");
  notifier.Alive();
  CHECK(manager.Receive() == "WATCHDOG=1");
}

TEST_CASE("the watchdog's interval is the one set, and none when nobody watches") {
  NotifySocket manager;
  const SystemdNotifier notifier;
  CHECK_FALSE(notifier.WatchdogInterval().has_value());
  setenv("WATCHDOG_USEC", "20000000", 1);
  REQUIRE(notifier.WatchdogInterval().has_value());
  CHECK(*notifier.WatchdogInterval() == absl::Seconds(20));
}

TEST_CASE("without a service manager nothing happens") {
  SystemdNotifier notifier;
  notifier.Ready("alone");
  CHECK_FALSE(notifier.WatchdogInterval().has_value());
}

}  // namespace
}  // namespace ndx::telemetry
