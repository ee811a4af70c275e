// A hostile or half-witted HTTP/2 peer: a blocking socket and frames made by hand.
//
// Thread-safety: thread-compatible. All waits end after ten seconds.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ndx::transport {

struct RawFrame {
  uint8_t type = 0;
  uint8_t flags = 0;
  uint32_t stream = 0;
  std::string payload;
};

// Frame types and flags of RFC 9113.
inline constexpr uint8_t kData = 0, kHeaders = 1, kRstStream = 3, kSettingsFrame = 4, kPing = 6,
                         kGoAwayFrame = 7, kWindowUpdate = 8, kContinuation = 9;
inline constexpr uint8_t kEndStream = 1, kAck = 1, kEndHeaders = 4;

using RawHeaders = std::vector<std::pair<std::string, std::string>>;

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload);
// HPACK literals without indexing and without Huffman.
std::string Hpack(const RawHeaders& headers);
std::string U32(uint32_t value);
// Preface and an empty SETTINGS.
std::string ClientHello();
// Headers of a good gRPC request, the named ones replaced (or left out when the value is "-"),
// further ones appended.
RawHeaders GrpcHeaders(const std::string& path, const RawHeaders& changes = {});
// A message with its prefix.
std::string Prefixed(const std::string& body, char flag = 0);

class RawPeer {
 public:
  // Connects to 127.0.0.1:port.
  static RawPeer Connect(uint16_t port);
  // In two steps.
  static RawPeer Unconnected();
  void ConnectTo(uint16_t port);
  explicit RawPeer(int fd);
  ~RawPeer();
  RawPeer(RawPeer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), inflater_(std::exchange(other.inflater_, nullptr)) {}
  RawPeer& operator=(RawPeer&&) = delete;

  // ClientHello, and the server's SETTINGS read and acknowledged: only then do its windows hold.
  void Greet();

  // False when the other side has closed. Never blocks for long: gives up after ten seconds.
  bool Send(const std::string& bytes);
  // The next frame; empty at the end of the connection (or after ten seconds).
  std::optional<RawFrame> Read();
  // Skips frames until one of the type (on that stream, unless 0) comes.
  std::optional<RawFrame> ReadUntil(uint8_t type, uint32_t stream = 0);
  // Everything until the peer closes; true when it did.
  bool ReadToEnd();
  std::string ReadBytes(size_t size);
  // The next header block of the stream, decoded; empty at the end.
  RawHeaders ReadHeaders(uint32_t stream);
  RawHeaders Decode(const std::string& block);
  // Names of the last block that were sent as never indexed.
  const std::vector<std::string>& NeverIndexed() const { return never_indexed_; }
  void Close();
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
  std::vector<std::string> never_indexed_;
  nghttp2_hd_inflater* inflater_ = nullptr;
};

// The value of the name, or "".
std::string ValueOf(const RawHeaders& headers, const std::string& name);

// Listens on a loopback port and accepts by hand.
class RawListener {
 public:
  RawListener();
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;
  uint16_t port() const { return port_; }
  RawPeer Accept();
  // Closes the listening socket.
  void Close();

 private:
  int fd_ = -1;
  uint16_t port_ = 0;
};

}  // namespace ndx::transport
