#include "ndx/tools/loadgen/echo_payload.h"

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"

namespace ndx::tools::loadgen {
namespace {

constexpr char kNumberTag = 0x09;  // field 1, fixed64
constexpr char kBodyTag = 0x12;    // field 2, length-delimited
constexpr size_t kNumberBytes = 9;

size_t VarintBytes(size_t value) {
  size_t bytes = 1;
  for (; value >= 0x80; value >>= 7) ++bytes;
  return bytes;
}

void AppendVarint(size_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
}

// Bytes of the body with which the message has so many bytes in all.
size_t BodyBytes(size_t message_bytes) {
  const size_t rest = message_bytes - kNumberBytes - 1;
  size_t body = rest - VarintBytes(rest);
  while (body + VarintBytes(body) < rest) ++body;
  return body;
}

// splitmix64
uint64_t Mixed(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

EchoPayload::EchoPayload(size_t bytes_max) {
  filler_.reserve(bytes_max + sizeof(uint64_t));
  for (uint64_t word = 0; filler_.size() < bytes_max; ++word) {
    const uint64_t mixed = Mixed(word);
    filler_.append(reinterpret_cast<const char*>(&mixed), sizeof(mixed));
  }
}

transport::Message EchoPayload::Make(uint64_t number, size_t bytes) const {
  const size_t body = BodyBytes(bytes);
  NDX_CHECK(body <= filler_.size());
  std::string message;
  message.reserve(bytes + 1);
  message.push_back(kNumberTag);
  for (int shift = 0; shift < 64; shift += 8) message.push_back(static_cast<char>(number >> shift));
  message.push_back(kBodyTag);
  AppendVarint(body, message);
  message.append(filler_, 0, body);
  return transport::MakeMessage(std::move(message));
}

}  // namespace ndx::tools::loadgen
