// HTTP/1.1 client for the few requests that a node makes itself: time-stamps, witnesses, and the
// keys of whoever signs operators in.
//
// A call blocks its thread until the answer is complete, the time is over, or Stop() is called.
// Each call is a connection of its own; redirections are not followed.
//
// Thread-safety: Post() and Get() from one thread at a time; Stop() from any. Looking up a name
// uses a thread of libcurl's own. Errors of both: kInvalidArgument (the address),
// kDeadlineExceeded, kCancelled (stopped), kUnavailable (no connection, TLS refused, cut off),
// kResourceExhausted (the answer is over a limit). An answer of any status is no error. Source: RFC
// 9110, RFC 9112, as libcurl implements them; TLS 1.2 or 1.3, the server's name checked. Proxies of
// the environment are not used.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/http/http_site.h"

namespace ndx::http {

struct HttpPost {
  std::string url;
  std::string content_type;
  std::string accept;  // none where empty
  std::string body;
};

class HttpPoster {
 public:
  virtual ~HttpPoster() = default;

  virtual absl::StatusOr<HttpResponse> Post(const HttpPost& request) = 0;

  // Ends a call that is under way and every later one, with kCancelled.
  virtual void Stop() = 0;
};

struct HttpClientOptions {
  // From looking up the name to the answer's last byte.
  absl::Duration timeout = absl::Seconds(10);
  // Headers of an answer together.
  uint32_t header_bytes_max = 8 << 10;
  uint64_t body_bytes_max = 64 << 10;
  // PEM file with the authorities believed for https; the system's where empty.
  std::string ca_file;
};

class HttpClient final : public HttpPoster {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient() override;

  absl::StatusOr<HttpResponse> Post(const HttpPost& request) override;
  // accept: the types of content that will do.
  absl::StatusOr<HttpResponse> Get(const std::string& url, const std::string& accept);
  void Stop() override;

 private:
  class Transfer;

  // post: null for a GET.
  absl::StatusOr<HttpResponse> Ask(const std::string& address, const std::string& accept,
                                   const HttpPost* post);

  const HttpClientOptions options_;
  const std::unique_ptr<Transfer> transfer_;
};

}  // namespace ndx::http
