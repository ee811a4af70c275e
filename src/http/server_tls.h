// The TLS of an HTTP server's connections: its certificate, and clients' certificates where they
// are asked for. Private to the folder.
//
// Thread-safety: thread-safe functions; a context is set up before connections use it.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "ndx/http/http_server.h"

namespace ndx::http {

std::shared_ptr<boost::asio::ssl::context> NewTlsContext();

// kInvalidArgument, naming the file that cannot be used.
absl::Status UseCertificate(boost::asio::ssl::context& context, const HttpServerTls& tls);

// DER of the client's certificate; empty where it showed none.
std::string PeerCertificate(SSL* ssl);

}  // namespace ndx::http
