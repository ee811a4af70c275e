#include "internal/byte_stream.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace ndx::transport {
namespace {

// Heads of the first record and of the message in it (RFC 8446, sections 5.1 and 4).
constexpr size_t kMessageHeadBytes = 4;
constexpr size_t kHelloHeadBytes = 5 + kMessageHeadBytes;

// The kernel reports the socket readable from so many bytes on, or at the end.
void SetReceiveLowWater(int fd, int bytes) {
  setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof(bytes));
}

// The peer has closed its side.
bool EndOfInput(int fd) {
  pollfd state{.fd = fd, .events = POLLRDHUP, .revents = 0};
  return poll(&state, 1, 0) == 1;
}

}  // namespace

std::unique_ptr<ByteStream> ByteStream::Accepted(int fd, std::shared_ptr<const TlsContext> tls,
                                                 size_t client_hello_bytes_max) {
  std::unique_ptr<ByteStream> stream(new ByteStream(fd, std::move(tls), true, std::string()));
  stream->client_hello_bytes_max_ = client_hello_bytes_max;
  SetReceiveLowWater(fd, kHelloHeadBytes);
  return stream;
}

std::unique_ptr<ByteStream> ByteStream::Connecting(int fd, std::shared_ptr<const TlsContext> tls,
                                                   const std::string& server_name) {
  return std::unique_ptr<ByteStream>(new ByteStream(fd, std::move(tls), false, server_name));
}

ByteStream::ByteStream(int fd, std::shared_ptr<const TlsContext> tls, bool serving,
                       const std::string& server_name)
    : fd_(fd), tls_(std::move(tls)) {
  verification_.allow_leaf_time = serving;
  ssl_ = tls_->NewSession(fd_, &verification_, server_name);
}

ByteStream::~ByteStream() {
  ssl_.reset();
  close(fd_);
}

ByteStream::Result ByteStream::Handshake() {
  if (ssl_ == nullptr) return Result::kDone;
  if (client_hello_bytes_max_ != 0) {
    if (const Result checked = CheckClientHello(); checked != Result::kDone) return checked;
  }
  // The error queue belongs to the thread: what another connection left there would be read as
  // ours.
  ERR_clear_error();
  const Result result = ToResult(SSL_do_handshake(ssl_.get()));
  verification_.established = result == Result::kDone;
  return result;
}

// Looks at the head of the first record and message, because OpenSSL takes memory for the length
// that a ClientHello claims. What is no ClientHello is left to it.
ByteStream::Result ByteStream::CheckClientHello() {
  std::array<unsigned char, kHelloHeadBytes> head{};
  const ssize_t got = recv(fd_, head.data(), head.size(), MSG_PEEK);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Result::kWantRead;
  if (got >= 0 && static_cast<size_t>(got) < head.size()) {
    return EndOfInput(fd_) ? Result::kEnd : Result::kWantRead;
  }
  const size_t max = std::exchange(client_hello_bytes_max_, 0);
  SetReceiveLowWater(fd_, 1);
  constexpr unsigned char kHandshakeRecord = 22;
  constexpr unsigned char kClientHello = 1;
  if (head[0] != kHandshakeRecord || head[5] != kClientHello) return Result::kDone;
  const size_t record_bytes = size_t{head[3]} << 8 | head[4];
  const size_t hello_bytes = size_t{head[6]} << 16 | size_t{head[7]} << 8 | head[8];
  if (hello_bytes <= max && record_bytes >= kMessageHeadBytes) return Result::kDone;
  error_text_ = "the ClientHello is over the limit";
  error_reason_ = SSL_R_EXCESSIVE_MESSAGE_SIZE;
  return Result::kFailed;
}

ByteStream::Transfer ByteStream::Read(char* out, size_t size) {
  if (ssl_ != nullptr) {
    size_t got = 0;
    ERR_clear_error();
    const Result result = ToResult(SSL_read_ex(ssl_.get(), out, size, &got));
    return {result, got};
  }
  const ssize_t got = recv(fd_, out, size, 0);
  if (got > 0) return {Result::kDone, static_cast<size_t>(got)};
  if (got == 0) return {Result::kEnd, 0};
  if (errno == EAGAIN || errno == EINTR) return {Result::kWantRead, 0};
  error_text_ = std::strerror(errno);
  return {Result::kFailed, 0};
}

ByteStream::Transfer ByteStream::Write(const char* bytes, size_t size) {
  if (ssl_ != nullptr) {
    size_t written = 0;
    ERR_clear_error();
    const Result result = ToResult(SSL_write_ex(ssl_.get(), bytes, size, &written));
    return {result, written};
  }
  const ssize_t written = send(fd_, bytes, size, MSG_NOSIGNAL);
  if (written >= 0) return {Result::kDone, static_cast<size_t>(written)};
  if (errno == EAGAIN || errno == EINTR) return {Result::kWantWrite, 0};
  error_text_ = std::strerror(errno);
  return {Result::kFailed, 0};
}

size_t ByteStream::UnreadBytes() const {
  int bytes = 0;
  if (ioctl(fd_, FIONREAD, &bytes) != 0) return 0;
  return static_cast<size_t>(bytes);
}

void ByteStream::SayGoodbye() {
  if (ssl_ != nullptr && SSL_is_init_finished(ssl_.get())) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  shutdown(fd_, SHUT_WR);
}

ByteStream::Result ByteStream::ToResult(int returned) {
  if (returned == 1) return Result::kDone;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return Result::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Result::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Result::kEnd;
    case SSL_ERROR_SYSCALL:
      error_text_ = errno != 0 ? std::strerror(errno) : "connection closed";
      ERR_clear_error();
      return Result::kFailed;
    default:
      error_text_ = TakeTlsError(&error_reason_);
      return Result::kFailed;
  }
}

}  // namespace ndx::transport
