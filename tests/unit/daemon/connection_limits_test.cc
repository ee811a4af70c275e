#include "ndx/daemon/connection_limits.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "ndx/settings/settings_loader.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::daemon {
namespace {

// Settings with nothing in them but what must be there.
settings::v1::NodeSettings Defaults() {
  const tests::TempDir dir;
  std::ofstream(dir.File("node.yaml")) << R"(
node: {system: "VN:GOV:G01:ndxp", origin: ndxp.example.vn, contact: TT}
listener:
  addresses: ["0.0.0.0:7443"]
  tls: {certificate_file: a, key_file: b}
  client_ca_file: c
registry: {paths: [d]}
journal: {directory: e, signing_key: "file:f", master_key: "file:g"}
)";
  settings::v1::NodeSettings settings;
  REQUIRE(settings::LoadSettings({dir.File("node.yaml")}, settings, nullptr).ok());
  return settings;
}

bool Same(transport::RateLimit a, transport::RateLimit b) {
  return a.burst == b.burst && a.per_second == b.per_second;
}

// What callers and providers alike are held to.
template <typename Limits, typename Timeouts>
void CheckPeerLimits(const Limits& a, const Timeouts& c) {
  const Limits b;
  CHECK(a.certificate_chain_bytes_max == b.certificate_chain_bytes_max);
  CHECK(a.header_list_bytes_max == b.header_list_bytes_max);
  CHECK(a.header_count_max == b.header_count_max);
  CHECK(a.continuations_max == b.continuations_max);
  CHECK(a.stream_window_bytes == b.stream_window_bytes);
  CHECK(a.connection_window_bytes == b.connection_window_bytes);
  CHECK(a.connection_buffer_bytes_max == b.connection_buffer_bytes_max);
  CHECK(a.send_progress_bytes_min == b.send_progress_bytes_min);
  CHECK(a.queued_frames_max == b.queued_frames_max);
  CHECK(Same(a.pings, b.pings));
  CHECK(Same(a.settings, b.settings));
  CHECK(Same(a.resets, b.resets));
  CHECK(Same(a.empty_frames, b.empty_frames));
  CHECK(Same(a.window_updates, b.window_updates));
  CHECK(Same(a.key_updates, b.key_updates));
  const Timeouts d;
  CHECK(c.header_block == d.header_block);
  CHECK(c.keepalive == d.keepalive);
  CHECK(c.keepalive_answer == d.keepalive_answer);
  CHECK(c.send_stall == d.send_stall);
  CHECK(c.tcp_user == d.tcp_user);
}

TEST_CASE("defaults of the settings towards callers are those of the transport") {
  transport::ServerOptions options;
  SetCallerLimits(Defaults().listener(), options);
  CheckPeerLimits(options.limits, options.timeouts);
  const transport::ServerLimits& a = options.limits;
  const transport::ServerLimits b;
  CHECK(a.connections_max == b.connections_max);
  CHECK(a.connections_per_certificate_max == b.connections_per_certificate_max);
  CHECK(a.handshakes_max == b.handshakes_max);
  CHECK(a.client_hello_bytes_max == b.client_hello_bytes_max);
  CHECK(a.header_attack_factor == b.header_attack_factor);
  CHECK(a.server_buffer_bytes_max == b.server_buffer_bytes_max);
  CHECK(a.gzip_ratio_max == b.gzip_ratio_max);
  CHECK(a.unsent_bytes_max == b.unsent_bytes_max);
  CHECK(Same(a.bad_requests, b.bad_requests));
  const transport::ServerTimeouts& c = options.timeouts;
  const transport::ServerTimeouts d;
  CHECK(c.handshake == d.handshake);
  CHECK(c.idle == d.idle);
  CHECK(c.age == d.age);
  CHECK(c.age_grace == d.age_grace);
  CHECK(c.send_stall_pressed == d.send_stall_pressed);
  CHECK(c.accept_pause == d.accept_pause);
}

TEST_CASE("defaults of the settings towards providers are those of the transport") {
  dispatch::UpstreamOptions options;
  SetProviderLimits(Defaults().provider_limits(), options);
  CheckPeerLimits(options.limits, options.timeouts);
  const transport::ChannelLimits& a = options.limits;
  const transport::ChannelLimits b;
  CHECK(a.connections_max == b.connections_max);
  CHECK(a.concurrent_streams_max == b.concurrent_streams_max);
  CHECK(a.queued_calls_max == b.queued_calls_max);
  const transport::ChannelTimeouts& c = options.timeouts;
  const transport::ChannelTimeouts d;
  CHECK(c.idle == d.idle);
}

TEST_CASE("defaults of the settings of HTTP ports are those of the server") {
  const settings::v1::NodeSettings settings = Defaults();
  for (const auto* limits :
       {&settings.operator_api().http_limits(), &settings.witness().http_limits()}) {
    http::HttpServerOptions options;
    SetHttpLimits(*limits, options);
    const http::HttpServerOptions defaults;
    CHECK(options.connections_max == defaults.connections_max);
    CHECK(options.requests_per_connection_max == defaults.requests_per_connection_max);
    CHECK(options.header_bytes_max == defaults.header_bytes_max);
    CHECK(options.body_bytes_max == defaults.body_bytes_max);
    CHECK(options.request_timeout == defaults.request_timeout);
    CHECK(options.answer_timeout == defaults.answer_timeout);
  }
}

}  // namespace
}  // namespace ndx::daemon
