// What an HTTP server serves: requests in, responses out, without anything of the library behind.
//
// Thread-safety: a server calls Answer() on its own thread, one call at a time.
// Ownership: the site outlives the server.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace ndx::http {

struct HttpRequest {
  std::string method;                                        // "GET"
  std::string path;                                          // before '?', as sent: not decoded
  std::string query;                                         // after '?', as sent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides type and length
};

class HttpSite {
 public:
  virtual ~HttpSite() = default;

  // Answers one request, at once: other requests wait meanwhile. HEAD arrives as such; the server
  // sends the headers of the response and leaves its body out.
  virtual HttpResponse Answer(const HttpRequest& request) = 0;
};

}  // namespace ndx::http
