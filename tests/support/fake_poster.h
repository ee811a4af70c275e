// Other people's servers, as a table: what answers a request to an address.
//
// Thread-safety: thread-compatible, but Stop() from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ndx/http/http_client.h"

namespace ndx::tests {

class FakePoster final : public http::HttpPoster {
 public:
  using Answer = std::function<absl::StatusOr<http::HttpResponse>(const http::HttpPost&)>;

  // From now on this answers requests to the address; null: nobody is there.
  void Serve(const std::string& url, Answer answer) { answers_[url] = std::move(answer); }

  absl::StatusOr<http::HttpResponse> Post(const http::HttpPost& request) override;
  void Stop() override { stopped_ = true; }

  std::vector<http::HttpPost> posts;  // every request so far

 private:
  std::map<std::string, Answer> answers_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace ndx::tests
