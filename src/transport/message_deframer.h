// Cuts the bytes of a gRPC stream into messages: prefix, length check, body, decompression.
//
//   prefix (flag, 32-bit big-endian length) ──▶ length ≤ limit? ──▶ body ──▶ [gunzip] ──▶ message
//
// Memory is taken as the bytes arrive, never for the claimed length alone.
//
// Thread-safety: thread-compatible.
// Errors: once Feed or End has failed the deframer stays failed. Codes are those to answer with:
// kResourceExhausted (over the limit), kInternal (bad flag, compressed without an encoding,
// truncated, gzip broken). Texts do not repeat content. Source: gRPC "PROTOCOL-HTTP2",
// Length-Prefixed-Message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ndx/core/limits.h"
#include "ndx/transport/message.h"

namespace ndx::transport {

class MessageDeframer {
 public:
  struct Limits {
    size_t message_bytes_max = core::kMessageBytesDefault;
    size_t gzip_ratio_max = 100;
  };

  // Reserved at once for a message; above, the buffer doubles as bytes arrive.
  static constexpr size_t kReserveBytesMax = size_t{64} << 10;

  explicit MessageDeframer(Limits limits) : limits_(limits) {}

  // In force from the next prefix on.
  void set_message_bytes_max(size_t bytes) { limits_.message_bytes_max = bytes; }

  // Allows messages with the compressed flag: the peer declared grpc-encoding: gzip.
  void allow_gzip() { gzip_ = true; }

  // Takes bytes from the front of *bytes and, when a message is complete, puts it into *message and
  // stops there; *message is null when all bytes were taken and the message is not complete yet.
  // Call again until *bytes is empty.
  absl::Status Feed(absl::string_view* bytes, Message* message);

  // The stream has ended: fails when a message was begun and not completed.
  absl::Status End() const;

  // Memory held for the message in progress.
  size_t buffered_bytes() const { return prefix_size_ + body_.capacity(); }

 private:
  absl::Status TakePrefix();
  absl::Status Complete(Message* message);

  Limits limits_;
  bool gzip_ = false;
  absl::Status failure_;
  char prefix_[kMessagePrefixBytes] = {};
  size_t prefix_size_ = 0;
  size_t length_ = 0;
  bool compressed_ = false;
  std::string body_;
};

// The prefix of an uncompressed message of so many bytes, written to out.
void WriteMessagePrefix(size_t length, char out[kMessagePrefixBytes]);

}  // namespace ndx::transport
