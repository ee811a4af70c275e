// What an HTTP server serves: requests in, responses out, without anything of the library behind.
//
// Thread-safety: a server calls Serve() and Answer() on its own thread, one call at a time.
// Ownership: the site outlives the server.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/strings/string_view.h"

namespace ndx::http {

// Who sent a request, as far as it is proved.
struct HttpPeer {
  std::string address;  // "192.0.2.1:4711", "[2001:db8::1]:4711"
  bool tls = false;
  // DER of the client's certificate. It chains to HttpServerTls::client_ca_file; its dates are for
  // the site to look at. Empty where it showed none.
  std::string certificate_der;
};

struct HttpRequest {
  std::string method;                                        // "GET"
  std::string path;                                          // before '?', as sent: not decoded
  std::string query;                                         // after '?', as sent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
  HttpPeer peer;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides type and length
};

// Takes the answer to one request: called once, from any thread, also when the peer or the server
// is gone. Destroyed uncalled, it leaves the connection waiting for its peer to hang up.
using HttpRespond = absl::AnyInvocable<void(HttpResponse)>;

// A site whose answers may take their time.
class WaitingHttpSite {
 public:
  virtual ~WaitingHttpSite() = default;

  // Answers one request, now or later; blocks for nothing, for other requests wait meanwhile. HEAD
  // arrives as such; the server sends the headers of the response and leaves its body out.
  virtual void Serve(const HttpRequest& request, HttpRespond respond) = 0;
};

// A site that answers at once.
class HttpSite : public WaitingHttpSite {
 public:
  virtual HttpResponse Answer(const HttpRequest& request) = 0;

  void Serve(const HttpRequest& request, HttpRespond respond) final { respond(Answer(request)); }
};

}  // namespace ndx::http
