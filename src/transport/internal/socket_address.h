// Addresses as options write them, and sockets made from them.
//
// Thread-safety: thread-safe.
// Errors: texts name the address, which comes from the configuration.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ndx::transport {

// "host:port", "[v6]:port" or "unix:/path", taken apart.
struct AddressText {
  bool is_unix = false;
  std::string host;  // or the path
  uint16_t port = 0;
};

absl::StatusOr<AddressText> ParseAddress(absl::string_view text);

// One address that a socket call takes.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  bool is_unix() const { return family() == AF_UNIX; }
  // 127.0.0.0/8, ::1 or a UNIX socket.
  bool is_local() const;
  uint16_t port() const;
  void set_port(uint16_t port);
  // "192.0.2.1:80", "[::1]:80", "unix:/path".
  std::string ToString() const;
};

// Numeric hosts, "localhost" and UNIX paths; kNotFound for a host name that needs a look-up.
absl::StatusOr<SocketAddress> ResolveLocally(const AddressText& address);

// Asks the system's resolver; blocks.
absl::StatusOr<std::vector<SocketAddress>> ResolveBlocking(const AddressText& address);

// The address at the other end, or here.
SocketAddress PeerAddressOf(int fd);
SocketAddress LocalAddressOf(int fd);

// A listening, non-blocking socket. reuse_port: several may listen on the port (one for each loop).
// kAlreadyExists: in use.
absl::StatusOr<int> Listen(const SocketAddress& address, bool reuse_port, uint32_t unix_mode);

// A non-blocking socket on which connect() has been called; whether it succeeds is seen when it is
// writable (ConnectError).
absl::StatusOr<int> StartConnect(const SocketAddress& address);

// errno of a connect() that has ended; 0 when it succeeded.
int ConnectError(int fd);

// TCP_NODELAY and TCP_USER_TIMEOUT; nothing on other sockets.
void TuneTcp(int fd, int64_t user_timeout_millis);

}  // namespace ndx::transport
