#include "internal/socket_address.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr int kBacklog = 1024;

sockaddr_in* V4(sockaddr_storage* storage) { return reinterpret_cast<sockaddr_in*>(storage); }
sockaddr_in6* V6(sockaddr_storage* storage) { return reinterpret_cast<sockaddr_in6*>(storage); }
const sockaddr_in* V4(const sockaddr_storage* storage) {
  return reinterpret_cast<const sockaddr_in*>(storage);
}
const sockaddr_in6* V6(const sockaddr_storage* storage) {
  return reinterpret_cast<const sockaddr_in6*>(storage);
}

absl::Status SocketError(absl::string_view what, const SocketAddress& address, int error) {
  const std::string text = absl::StrCat(what, " ", address.ToString(), ": ", std::strerror(error));
  if (error == EADDRINUSE) return absl::AlreadyExistsError(text);
  return absl::UnavailableError(text);
}

// A socket file that nobody listens on was left by a process that died.
void RemoveStaleSocketFile(const SocketAddress& address) {
  const char* path = reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path;
  struct stat found {};
  if (lstat(path, &found) != 0 || !S_ISSOCK(found.st_mode)) return;
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  if (connect(probe, address.get(), address.length) != 0 && errno == ECONNREFUSED) unlink(path);
  close(probe);
}

absl::StatusOr<SocketAddress> UnixAddress(const std::string& path) {
  SocketAddress address;
  auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof(un->sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the socket path ", path, " is empty or too long"));
  }
  un->sun_family = AF_UNIX;
  std::memcpy(un->sun_path, path.c_str(), path.size() + 1);
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

}  // namespace

absl::StatusOr<AddressText> ParseAddress(absl::string_view text) {
  AddressText address;
  constexpr absl::string_view kUnix = "unix:";
  if (absl::StartsWith(text, kUnix)) {
    address.is_unix = true;
    address.host = std::string(text.substr(kUnix.size()));
    if (address.host.empty() || address.host.front() != '/') {
      return absl::InvalidArgumentError(
          absl::StrCat(text, ": a UNIX socket needs an absolute path"));
    }
    return address;
  }
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(text, ": expected host:port or unix:/path"));
  }
  absl::string_view host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (absl::StrContains(host, ':')) {
    return absl::InvalidArgumentError(absl::StrCat(text, ": an IPv6 address stands in brackets"));
  }
  if (host.empty()) return absl::InvalidArgumentError(absl::StrCat(text, ": the host is missing"));
  address.host = std::string(host);
  address.port = static_cast<uint16_t>(port);
  return address;
}

bool SocketAddress::is_local() const {
  if (is_unix()) return true;
  if (family() == AF_INET) return (ntohl(V4(&storage)->sin_addr.s_addr) >> 24) == 127;
  return family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&V6(&storage)->sin6_addr);
}

uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(V4(&storage)->sin_port);
  if (family() == AF_INET6) return ntohs(V6(&storage)->sin6_port);
  return 0;
}

void SocketAddress::set_port(uint16_t port) {
  if (family() == AF_INET) V4(&storage)->sin_port = htons(port);
  if (family() == AF_INET6) V6(&storage)->sin6_port = htons(port);
}

std::string SocketAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = {};
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &V4(&storage)->sin_addr, text, sizeof(text));
    return absl::StrCat(text, ":", port());
  }
  if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &V6(&storage)->sin6_addr, text, sizeof(text));
    return absl::StrCat("[", text, "]:", port());
  }
  if (is_unix()) {
    const auto* un = reinterpret_cast<const sockaddr_un*>(&storage);
    return absl::StrCat("unix:", length > offsetof(sockaddr_un, sun_path) ? un->sun_path : "");
  }
  return "unknown";
}

absl::StatusOr<SocketAddress> ResolveLocally(const AddressText& address) {
  if (address.is_unix) return UnixAddress(address.host);
  SocketAddress result;
  const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
  if (inet_pton(AF_INET, host.c_str(), &V4(&result.storage)->sin_addr) == 1) {
    result.storage.ss_family = AF_INET;
    result.length = sizeof(sockaddr_in);
  } else if (inet_pton(AF_INET6, host.c_str(), &V6(&result.storage)->sin6_addr) == 1) {
    result.storage.ss_family = AF_INET6;
    result.length = sizeof(sockaddr_in6);
  } else {
    return absl::NotFoundError(absl::StrCat(address.host, " is not a numeric address"));
  }
  result.set_port(address.port);
  return result;
}

absl::StatusOr<std::vector<SocketAddress>> ResolveBlocking(const AddressText& address) {
  if (auto local = ResolveLocally(address); !absl::IsNotFound(local.status())) {
    if (!local.ok()) return local.status();
    return std::vector<SocketAddress>{*local};
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(address.host.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot resolve ", address.host, ": ", gai_strerror(error)));
  }
  std::vector<SocketAddress> found;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    SocketAddress one;
    std::memcpy(&one.storage, entry->ai_addr, entry->ai_addrlen);
    one.length = entry->ai_addrlen;
    one.set_port(address.port);
    found.push_back(one);
  }
  freeaddrinfo(list);
  return found;
}

SocketAddress PeerAddressOf(int fd) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  getpeername(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length);
  return address;
}

SocketAddress LocalAddressOf(int fd) {
  SocketAddress address;
  address.length = sizeof(address.storage);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.length);
  return address;
}

absl::StatusOr<int> Listen(const SocketAddress& address, bool reuse_port, uint32_t unix_mode) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SocketError("cannot make a socket for", address, errno);
  const int on = 1;
  if (address.is_unix()) {
    RemoveStaleSocketFile(address);
  } else {
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (reuse_port) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
    if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  }
  bool done = bind(fd, address.get(), address.length) == 0;
  if (done && address.is_unix()) {
    done = chmod(reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path, unix_mode) == 0;
  }
  if (!done || listen(fd, kBacklog) != 0) {
    const int error = errno;
    close(fd);
    return SocketError("cannot listen on", address, error);
  }
  return fd;
}

absl::StatusOr<int> StartConnect(const SocketAddress& address) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return SocketError("cannot make a socket for", address, errno);
  if (connect(fd, address.get(), address.length) == 0 || errno == EINPROGRESS) return fd;
  const int error = errno;
  close(fd);
  return SocketError("cannot connect to", address, error);
}

int ConnectError(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

void TuneTcp(int fd, int64_t user_timeout_millis) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  const auto millis = static_cast<unsigned int>(user_timeout_millis);
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &millis, sizeof(millis));
}

}  // namespace ndx::transport
