// A non-blocking socket, with or without TLS on it.
//
// Thread-safety: thread-compatible; lives on one event loop.
// Ownership: owns the file descriptor.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "internal/tls_context.h"

namespace ndx::transport {

class ByteStream {
 public:
  enum class Result {
    kDone,
    kWantRead,
    kWantWrite,
    kEnd,     // the peer closed
    kFailed,  // error_text says why
  };
  struct Transfer {
    Result result = Result::kDone;
    size_t bytes = 0;
  };

  // Plaintext.
  explicit ByteStream(int fd) : fd_(fd) {}
  // TLS. server_name: see TlsContext::NewSession.
  ByteStream(int fd, std::shared_ptr<const TlsContext> tls, bool allow_leaf_time,
             const std::string& server_name);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // The TLS handshake; kDone at once without TLS.
  Result Handshake();

  Transfer Read(char* out, size_t size);
  Transfer Write(const char* bytes, size_t size);

  // True when bytes wait here that the socket's readiness does not show.
  bool HasBuffered() const { return ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1; }

  // Tells the peer, as far as it goes without waiting, that no more comes.
  void SayGoodbye();

  int fd() const { return fd_; }
  SSL* ssl() const { return ssl_.get(); }
  const PeerVerification& verification() const { return verification_; }
  // OpenSSL's reason for the last kFailed, and its number.
  const std::string& error_text() const { return error_text_; }
  int error_reason() const { return error_reason_; }

 private:
  Result ToResult(int returned);

  const int fd_;
  PeerVerification verification_;
  std::shared_ptr<const TlsContext> tls_;
  SslPointer ssl_;
  std::string error_text_;
  int error_reason_ = 0;
};

}  // namespace ndx::transport
