// A PostgreSQL 15 of the test's own: in a temporary directory, on a UNIX socket only, gone with the
// test process.
//
// Thread-safety: thread-compatible. Has a thread that reads the server's log.
// Errors: a server that cannot be started ends the test by REQUIRE.
#pragma once

#include <sys/types.h>

#include <string>
#include <thread>
#include <vector>

#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

class PostgresServer {
 public:
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // Returns when the server accepts connections, or has ended.
  void Start();
  void Stop();

  // libpq connection string of a database of this server.
  std::string Connection(const std::string& database) const;

 private:
  // The program run as a user that is not root, with its standard error in a pipe.
  pid_t Launch(const std::vector<std::string>& arguments, int error_fd) const;

  TempDir directory_;
  pid_t pid_ = 0;
  std::thread log_reader_;
};

}  // namespace ndx::tests
