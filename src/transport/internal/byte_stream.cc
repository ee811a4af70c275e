#include "internal/byte_stream.h"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ndx::transport {

ByteStream::ByteStream(int fd, std::shared_ptr<const TlsContext> tls, bool allow_leaf_time,
                       const std::string& server_name)
    : fd_(fd), tls_(std::move(tls)) {
  verification_.allow_leaf_time = allow_leaf_time;
  ssl_ = tls_->NewSession(fd_, &verification_, server_name);
}

ByteStream::~ByteStream() {
  ssl_.reset();
  close(fd_);
}

ByteStream::Result ByteStream::Handshake() {
  if (ssl_ == nullptr) return Result::kDone;
  // The error queue belongs to the thread: what another connection left there would be read as
  // ours.
  ERR_clear_error();
  return ToResult(SSL_do_handshake(ssl_.get()));
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
