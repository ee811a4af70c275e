// How long what is read from a socket had waited in it, measured without a time stamp of the
// kernel: so many bytes were unread at one moment, and at another they had been read.
//
// Thread-safety: thread-compatible. Units: monotonic nanoseconds, bytes of the socket (those of TLS
// records and their plaintext are taken for the same, a few per cent apart).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ndx::transport {

class ReadLag {
 public:
  // So many bytes have been read.
  void Read(size_t bytes, int64_t now_nanos) {
    if (marked_bytes_ == 0) return;
    if (bytes < marked_bytes_) {
      marked_bytes_ -= bytes;
    } else {
      lag_nanos_ = now_nanos - marked_nanos_;
      marked_bytes_ = 0;
    }
  }

  // Everything has been read.
  void Emptied() {
    marked_bytes_ = 0;
    lag_nanos_ = 0;
  }

  // Whether Left() would like to know.
  bool WantsLeft() const { return marked_bytes_ == 0; }

  // So many bytes are unread.
  void Left(size_t bytes, int64_t now_nanos) {
    if (bytes == 0) return Emptied();
    marked_bytes_ = bytes;
    marked_nanos_ = now_nanos;
  }

  // How long what is read now has waited.
  int64_t Nanos(int64_t now_nanos) const {
    return std::max(lag_nanos_, marked_bytes_ == 0 ? 0 : now_nanos - marked_nanos_);
  }

 private:
  size_t marked_bytes_ = 0;  // still unread of those that were unread at marked_nanos_
  int64_t marked_nanos_ = 0;
  int64_t lag_nanos_ = 0;  // as measured last
};

}  // namespace ndx::transport
