#include "ndx/transport/connection_event.h"

namespace ndx::transport {

absl::string_view HandshakeRefusalName(HandshakeRefusal refusal) {
  switch (refusal) {
    case HandshakeRefusal::kNoCertificate:
      return "no_certificate";
    case HandshakeRefusal::kUntrustedCertificate:
      return "untrusted_certificate";
    case HandshakeRefusal::kNotTls:
      return "not_tls";
    case HandshakeRefusal::kTlsVersion:
      return "tls_version";
    case HandshakeRefusal::kNoHttp2:
      return "no_http2";
    case HandshakeRefusal::kTimeout:
      return "timeout";
    case HandshakeRefusal::kClosed:
      return "closed";
    case HandshakeRefusal::kTooLarge:
      return "too_large";
    case HandshakeRefusal::kCrowdedOut:
      return "crowded_out";
    case HandshakeRefusal::kTooManyConnections:
      return "too_many_connections";
    case HandshakeRefusal::kOther:
      break;
  }
  return "other";
}

absl::string_view ConnectionAttackName(ConnectionAttack attack) {
  switch (attack) {
    case ConnectionAttack::kRapidReset:
      return "rapid_reset";
    case ConnectionAttack::kPingFlood:
      return "ping_flood";
    case ConnectionAttack::kSettingsFlood:
      return "settings_flood";
    case ConnectionAttack::kEmptyFrameFlood:
      return "empty_frame_flood";
    case ConnectionAttack::kContinuationFlood:
      return "continuation_flood";
    case ConnectionAttack::kHeaderListTooLarge:
      return "header_list_too_large";
    case ConnectionAttack::kWindowUpdateFlood:
      return "window_update_flood";
    case ConnectionAttack::kKeyUpdateFlood:
      return "key_update_flood";
    case ConnectionAttack::kOutputFlood:
      return "output_flood";
    case ConnectionAttack::kBadRequestFlood:
      return "bad_request_flood";
    case ConnectionAttack::kSlowHeaders:
      return "slow_headers";
    case ConnectionAttack::kSlowReader:
      return "slow_reader";
    case ConnectionAttack::kProtocolError:
      break;
  }
  return "protocol_error";
}

}  // namespace ndx::transport
