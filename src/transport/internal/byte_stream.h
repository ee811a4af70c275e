// A non-blocking socket, with or without TLS on it.
//
// Thread-safety: thread-compatible; lives on one event loop.
// Ownership: owns the file descriptor.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>

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
  // TLS, serving. A ClientHello that claims to be longer is not read.
  static std::unique_ptr<ByteStream> Accepted(int fd, std::shared_ptr<const TlsContext> tls,
                                              size_t client_hello_bytes_max);
  // TLS, calling. server_name: see TlsContext::NewSession.
  static std::unique_ptr<ByteStream> Connecting(int fd, std::shared_ptr<const TlsContext> tls,
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

  // Bytes that wait in the socket. A system call.
  size_t UnreadBytes() const;

  // Tells the peer, as far as it goes without waiting, that no more comes.
  void SayGoodbye();

  int fd() const { return fd_; }
  SSL* ssl() const { return ssl_.get(); }
  const PeerVerification& verification() const { return verification_; }
  // Of a serving side with TLS: the peer has begun to shake hands.
  bool heard() const { return client_hello_bytes_max_ == 0; }
  // Handshake messages since the last call that came after the handshake.
  uint32_t TakeKeyUpdates() { return std::exchange(verification_.later_messages, 0); }
  // OpenSSL's reason for the last kFailed, and its number.
  const std::string& error_text() const { return error_text_; }
  int error_reason() const { return error_reason_; }

 private:
  ByteStream(int fd, std::shared_ptr<const TlsContext> tls, bool serving,
             const std::string& server_name);
  Result ToResult(int returned);
  Result CheckClientHello();

  const int fd_;
  size_t client_hello_bytes_max_ = 0;  // 0 once it was checked, or where there is none
  PeerVerification verification_;
  std::shared_ptr<const TlsContext> tls_;
  SslPointer ssl_;
  std::string error_text_;
  int error_reason_ = 0;
};

}  // namespace ndx::transport
