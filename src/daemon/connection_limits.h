// Settings of connections as the transport takes them.
//
// Thread-safety: thread-safe.
#pragma once

#include "ndx/dispatch/dispatcher.h"
#include "ndx/http/http_server.h"
#include "ndx/settings/v1/node_settings.pb.h"
#include "ndx/transport/server.h"

namespace ndx::daemon {

// Sets limits and timeouts towards callers.
void SetCallerLimits(const settings::v1::ListenerSettings& settings,
                     transport::ServerOptions& options);

// Sets limits and timeouts towards providers.
void SetProviderLimits(const settings::v1::ProviderLimits& limits,
                       dispatch::UpstreamOptions& options);

// Sets the limits of a port of HTTP/1.1.
void SetHttpLimits(const settings::v1::HttpLimits& limits, http::HttpServerOptions& options);

}  // namespace ndx::daemon
