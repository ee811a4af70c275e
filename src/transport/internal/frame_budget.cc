#include "internal/frame_budget.h"

namespace ndx::transport {
namespace {

constexpr double kWindowUpdatesPerBlock = 2;
constexpr double kBytesPerWindowUpdate = 2048;

FrameBudget::Verdict Judge(bool taken, ConnectionAttack attack) {
  return taken ? FrameBudget::Verdict() : attack;
}

}  // namespace

FrameBudget::FrameBudget(const FrameLimits& limits)
    : pings_(limits.pings),
      settings_(limits.settings),
      resets_(limits.resets),
      empty_frames_(limits.empty_frames),
      window_updates_(limits.window_updates),
      key_updates_(limits.key_updates) {}

FrameBudget::Verdict FrameBudget::Received(const nghttp2_frame_hd& head, int64_t now_nanos) {
  const bool ack = (head.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (head.type) {
    case NGHTTP2_HEADERS:
      window_updates_.Give(kWindowUpdatesPerBlock);
      return {};
    case NGHTTP2_CONTINUATION:
      return {};
    case NGHTTP2_DATA:
      if (head.length > 0 || (head.flags & NGHTTP2_FLAG_END_STREAM) != 0) return {};
      return Empty(now_nanos);
    case NGHTTP2_PING:
      return Judge((ack ? empty_frames_ : pings_).Take(now_nanos), ConnectionAttack::kPingFlood);
    case NGHTTP2_SETTINGS:
      return Judge(ack || settings_.Take(now_nanos), ConnectionAttack::kSettingsFlood);
    case NGHTTP2_RST_STREAM:
      return Provoked(now_nanos);
    case NGHTTP2_WINDOW_UPDATE:
      return Judge(window_updates_.Take(now_nanos), ConnectionAttack::kWindowUpdateFlood);
    default:  // PRIORITY, GOAWAY: nobody needs many of them
      return Empty(now_nanos);
  }
}

FrameBudget::Verdict FrameBudget::Provoked(int64_t now_nanos) {
  return Judge(resets_.Take(now_nanos), ConnectionAttack::kRapidReset);
}

FrameBudget::Verdict FrameBudget::Empty(int64_t now_nanos) {
  return Judge(empty_frames_.Take(now_nanos), ConnectionAttack::kEmptyFrameFlood);
}

FrameBudget::Verdict FrameBudget::KeyUpdate(int64_t now_nanos) {
  return Judge(key_updates_.Take(now_nanos), ConnectionAttack::kKeyUpdateFlood);
}

void FrameBudget::Sent(size_t bytes) {
  window_updates_.Give(static_cast<double>(bytes) / kBytesPerWindowUpdate);
}

}  // namespace ndx::transport
