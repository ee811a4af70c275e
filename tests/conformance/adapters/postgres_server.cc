#include "postgres_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::tests {
namespace {

constexpr const char* kBinaries = "/usr/lib/postgresql/15/bin/";

// initdb and postgres refuse to run as root.
const passwd* Unprivileged() { return ::geteuid() == 0 ? ::getpwnam("nobody") : nullptr; }

}  // namespace

PostgresServer::PostgresServer() {
  if (const passwd* user = Unprivileged()) {
    REQUIRE(::chown(directory_.path().c_str(), user->pw_uid, user->pw_gid) == 0);
  }
  int ignored = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  const pid_t initdb = Launch({"initdb", "-D", directory_.File("data"), "-A", "trust", "-U", "ndx",
                               "-E", "UTF8", "--locale=C", "--no-sync"},
                              ignored);
  ::close(ignored);
  int outcome = 0;
  REQUIRE(::waitpid(initdb, &outcome, 0) == initdb);
  REQUIRE(outcome == 0);
  Start();
}

PostgresServer::~PostgresServer() { Stop(); }

void PostgresServer::Start() {
  int log[2];
  REQUIRE(::pipe2(log, O_CLOEXEC) == 0);
  pid_ = Launch({"postgres", "-D", directory_.File("data"), "-k", directory_.path(), "-c",
                 "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=50"},
                log[1]);
  ::close(log[1]);
  FILE* lines = ::fdopen(log[0], "r");
  char line[1024];
  bool ready = false;
  while (!ready && std::fgets(line, sizeof(line), lines) != nullptr) {
    ready = absl::StrContains(line, "ready to accept connections");
  }
  // The pipe must not fill up.
  log_reader_ = std::thread([lines] {
    char rest[1024];
    while (std::fgets(rest, sizeof(rest), lines) != nullptr) {
    }
    std::fclose(lines);
  });
  REQUIRE(ready);
}

void PostgresServer::Stop() {
  if (pid_ == 0) return;
  ::kill(pid_, SIGQUIT);  // immediate shutdown, as a crash would be
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
  log_reader_.join();
}

std::string PostgresServer::Connection(const std::string& database) const {
  return absl::StrCat("host=", directory_.path(), " user=ndx dbname=", database);
}

pid_t PostgresServer::Launch(const std::vector<std::string>& arguments, int error_fd) const {
  const std::string program = kBinaries + arguments[0];
  // Whole as its own name: initdb looks for postgres beside itself, or on the path, where Debian
  // has neither.
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (size_t i = 1; i < arguments.size(); ++i) {
    argv.push_back(const_cast<char*>(arguments[i].c_str()));
  }
  argv.push_back(nullptr);
  const passwd* user = Unprivileged();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child > 0) return child;
  ::dup2(error_fd, STDERR_FILENO);
  ::dup2(error_fd, STDOUT_FILENO);
  if (user != nullptr && (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 ||
                          ::setuid(user->pw_uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

}  // namespace ndx::tests
