#include "ndx/daemon/connection_limits.h"

#include "duration_setting.h"

namespace ndx::daemon {

namespace {

// What callers and providers alike are held to.
template <typename Limits, typename Options>
void SetPeerLimits(const Limits& limits, Options& options) {
  options.limits.certificate_chain_bytes_max = limits.certificate_chain_bytes();
  options.limits.header_list_bytes_max = limits.header_list_bytes();
  options.limits.header_count_max = limits.header_count();
  options.limits.continuations_max = limits.continuations();
  options.limits.stream_window_bytes = limits.stream_window_bytes();
  options.limits.connection_window_bytes = limits.connection_window_bytes();
  options.limits.connection_buffer_bytes_max = limits.connection_buffer_bytes();
  options.limits.queued_frames_max = limits.queued_frames();
  options.limits.send_progress_bytes_min = limits.send_progress_bytes();
  options.limits.pings = {limits.ping_burst(), limits.pings_per_second()};
  options.limits.settings = {limits.settings_frame_burst(), limits.settings_frames_per_second()};
  options.limits.resets = {limits.reset_burst(), limits.resets_per_second()};
  options.limits.empty_frames = {limits.empty_frame_burst(), limits.empty_frames_per_second()};
  options.limits.window_updates = {limits.window_update_burst(),
                                   limits.window_updates_per_second()};
  options.limits.key_updates = {limits.key_update_burst(), limits.key_updates_per_second()};
  options.timeouts.header_block = DurationOf(limits.header_block_timeout());
  options.timeouts.send_stall = DurationOf(limits.send_stall_timeout());
  options.timeouts.keepalive = DurationOf(limits.keepalive_interval());
  options.timeouts.keepalive_answer = DurationOf(limits.keepalive_timeout());
  options.timeouts.tcp_user = DurationOf(limits.tcp_user_timeout());
}

}  // namespace

void SetCallerLimits(const settings::v1::ListenerSettings& settings,
                     transport::ServerOptions& options) {
  const settings::v1::CallerLimits& limits = settings.limits();
  SetPeerLimits(limits, options);
  options.limits.concurrent_streams_max = settings.streams_per_connection();
  options.limits.connections_max = settings.connections();
  options.limits.handshakes_max = limits.handshakes();
  options.limits.client_hello_bytes_max = limits.client_hello_bytes();
  options.limits.connections_per_certificate_max = limits.connections_per_certificate();
  options.limits.header_attack_factor = limits.header_attack_factor();
  options.limits.server_buffer_bytes_max = limits.buffer_bytes();
  options.limits.gzip_ratio_max = limits.gzip_ratio();
  options.limits.unsent_bytes_max = limits.unsent_bytes();
  options.limits.bad_requests = {limits.bad_request_burst(), limits.bad_requests_per_second()};
  options.timeouts.send_stall_pressed = DurationOf(limits.send_stall_pressed());
  options.timeouts.age = DurationOf(limits.connection_age());
  options.timeouts.age_grace = DurationOf(limits.connection_age_grace());
  options.timeouts.accept_pause = DurationOf(limits.accept_pause());
  options.timeouts.handshake = DurationOf(settings.handshake_timeout());
  options.timeouts.idle = DurationOf(settings.idle_timeout());
}

void SetProviderLimits(const settings::v1::ProviderLimits& limits,
                       dispatch::UpstreamOptions& options) {
  SetPeerLimits(limits, options);
  options.limits.connections_max = limits.connections();
  options.limits.concurrent_streams_max = limits.calls_per_connection();
  options.limits.queued_calls_max = limits.queued_calls();
  options.timeouts.idle = DurationOf(limits.idle_timeout());
}

void SetHttpLimits(const settings::v1::HttpLimits& limits, http::HttpServerOptions& options) {
  options.connections_max = limits.connections();
  options.requests_per_connection_max = limits.requests_per_connection();
  options.header_bytes_max = limits.header_bytes();
  options.body_bytes_max = limits.body_bytes();
  options.request_timeout = DurationOf(limits.request_timeout());
  options.answer_timeout = DurationOf(limits.answer_timeout());
}

}  // namespace ndx::daemon
