#include "raw_peer.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

void AppendLiteral(std::string* out, const std::string& text) {
  // A length of seven bits, then continuation bytes (RFC 7541 section 5.1).
  size_t size = text.size();
  if (size < 127) {
    out->push_back(static_cast<char>(size));
  } else {
    out->push_back(127);
    for (size -= 127; size >= 128; size >>= 7) {
      out->push_back(static_cast<char>(0x80 | (size & 0x7F)));
    }
    out->push_back(static_cast<char>(size));
  }
  *out += text;
}

void SetPatience(int fd) {
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

sockaddr_in Address(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::string U32(uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift));
  return bytes;
}

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, const std::string& payload) {
  std::string frame = U32(static_cast<uint32_t>(payload.size())).substr(1);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  return frame + U32(stream) + payload;
}

std::string Hpack(const RawHeaders& headers) {
  std::string block;
  for (const auto& [name, value] : headers) {
    block.push_back(0);
    AppendLiteral(&block, name);
    AppendLiteral(&block, value);
  }
  return block;
}

std::string ClientHello() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettingsFrame, 0, 0, "");
}

RawHeaders GrpcHeaders(const std::string& path, const RawHeaders& changes) {
  RawHeaders headers = {{":method", "POST"}, {":scheme", "http"},
                        {":path", path},     {":authority", "localhost"},
                        {"te", "trailers"},  {"content-type", "application/grpc"}};
  for (const auto& [name, value] : changes) {
    bool found = false;
    for (auto& header : headers) {
      if (header.first != name) continue;
      header.second = value;
      found = true;
    }
    if (!found) headers.emplace_back(name, value);
  }
  std::erase_if(headers, [](const auto& header) { return header.second == "-"; });
  return headers;
}

std::string Prefixed(const std::string& body, char flag) {
  return std::string(1, flag) + U32(static_cast<uint32_t>(body.size())) + body;
}

RawPeer::RawPeer(int fd) : fd_(fd) {
  SetPatience(fd_);
  NDX_CHECK(nghttp2_hd_inflate_new(&inflater_) == 0);
}

RawHeaders RawPeer::Decode(const std::string& block) {
  RawHeaders headers;
  never_indexed_.clear();
  const auto* at = reinterpret_cast<const uint8_t*>(block.data());
  size_t left = block.size();
  while (true) {
    nghttp2_nv entry{};
    int flags = 0;
    const ssize_t used = nghttp2_hd_inflate_hd2(inflater_, &entry, &flags, at, left, 1);
    NDX_CHECK(used >= 0);
    at += used;
    left -= static_cast<size_t>(used);
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      headers.emplace_back(std::string(reinterpret_cast<char*>(entry.name), entry.namelen),
                           std::string(reinterpret_cast<char*>(entry.value), entry.valuelen));
      if ((entry.flags & NGHTTP2_NV_FLAG_NO_INDEX) != 0) {
        never_indexed_.push_back(headers.back().first);
      }
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_);
  return headers;
}

RawHeaders RawPeer::ReadHeaders(uint32_t stream) {
  while (const auto frame = Read()) {
    if (frame->type != kHeaders) continue;
    RawHeaders headers = Decode(frame->payload);
    if (frame->stream == stream) return headers;
  }
  return {};
}

std::string ValueOf(const RawHeaders& headers, const std::string& name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

RawPeer RawPeer::Connect(uint16_t port) {
  RawPeer peer = Unconnected();
  peer.ConnectTo(port);
  return peer;
}

RawPeer RawPeer::Unconnected() { return RawPeer(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

void RawPeer::ConnectTo(uint16_t port) {
  const sockaddr_in address = Address(port);
  NDX_CHECK(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
}

RawPeer::~RawPeer() {
  Close();
  if (inflater_ != nullptr) nghttp2_hd_inflate_del(inflater_);
}

void RawPeer::Greet() {
  NDX_CHECK(Send(ClientHello()) && ReadUntil(kSettingsFrame) &&
            Send(Frame(kSettingsFrame, kAck, 0, "")));
}

void RawPeer::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

bool RawPeer::Send(const std::string& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t now = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += static_cast<size_t>(now);
  }
  return true;
}

std::string RawPeer::ReadBytes(size_t size) {
  std::string bytes(size, '\0');
  size_t got = 0;
  while (got < size) {
    const ssize_t now = recv(fd_, bytes.data() + got, size - got, 0);
    if (now <= 0) break;
    got += static_cast<size_t>(now);
  }
  bytes.resize(got);
  return bytes;
}

std::optional<RawFrame> RawPeer::Read() {
  const std::string head = ReadBytes(9);
  if (head.size() < 9) return std::nullopt;
  const auto byte = [&head](size_t i) { return static_cast<uint8_t>(head[i]); };
  const size_t size = size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2);
  RawFrame frame{.type = byte(3), .flags = byte(4)};
  for (size_t i = 5; i < 9; ++i) frame.stream = frame.stream << 8 | byte(i);
  frame.payload = ReadBytes(size);
  return frame;
}

std::optional<RawFrame> RawPeer::ReadUntil(uint8_t type, uint32_t stream) {
  while (auto frame = Read()) {
    if (frame->type == type && (stream == 0 || frame->stream == stream)) return frame;
  }
  return std::nullopt;
}

bool RawPeer::ReadToEnd() {
  char buffer[4096];
  ssize_t got = 0;
  do {
    got = recv(fd_, buffer, sizeof(buffer), 0);
  } while (got > 0);
  return got == 0 || errno == ECONNRESET;
}

RawListener::RawListener() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Address(0);
  NDX_CHECK(bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  NDX_CHECK(listen(fd_, 16) == 0);
  socklen_t length = sizeof(address);
  NDX_CHECK(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() { Close(); }

void RawListener::Close() {
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

RawPeer RawListener::Accept() {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  NDX_CHECK(fd >= 0);
  return RawPeer(fd);
}

}  // namespace ndx::transport
