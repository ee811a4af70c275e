// One HTTP/2 stream as its connection drives it; the gRPC meaning is in ServerStream and
// ClientStream.
//
// Thread-safety: on the connection's loop.
// Ownership: the connection tells a stream OnStreamClosed or OnConnectionEnded exactly once, and
// does not touch it afterwards.
#pragma once

#include <nghttp2/nghttp2.h>
#include <sys/types.h>

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace ndx::transport {

class Http2Stream {
 public:
  virtual ~Http2Stream() = default;

  // One field of a header block. False: the list is beyond what a mistake explains; the connection
  // is cut.
  virtual bool OnHeader(absl::string_view name, absl::string_view value) = 0;

  // A header block is complete; end_stream: and nothing follows.
  virtual void OnHeadersEnd(bool end_stream) = 0;

  virtual void OnData(absl::string_view bytes) = 0;

  // END_STREAM on a DATA frame.
  virtual void OnDataEnd() = 0;

  // The stream is over; http2_error 0 when both sides ended it well.
  virtual void OnStreamClosed(uint32_t http2_error) = 0;

  // How many bytes the next DATA frame carries, at most max; NGHTTP2_ERR_DEFERRED when there are
  // none yet. Sets NGHTTP2_DATA_FLAG_EOF … in *flags.
  virtual ssize_t NextSendBytes(size_t max, uint32_t* flags) = 0;

  // Appends exactly as many bytes to *out.
  virtual void CopySend(size_t bytes, std::string* out) = 0;

  // A header block of ours is about to be put into the connection's output.
  virtual void OnHeadersSent(bool end_stream) = 0;

  // Our first header block could not be sent (the connection takes no more streams). OnStreamClosed
  // does not follow.
  virtual void OnHeadersNotSent() {}
};

}  // namespace ndx::transport
