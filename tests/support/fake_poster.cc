#include "ndx/tests/support/fake_poster.h"

namespace ndx::tests {

absl::StatusOr<http::HttpResponse> FakePoster::Post(const http::HttpPost& request) {
  if (stopped_) return absl::CancelledError("stopped");
  posts.push_back(request);
  const auto found = answers_.find(request.url);
  if (found == answers_.end() || found->second == nullptr) {
    return absl::UnavailableError("nobody is there");
  }
  return found->second(request);
}

}  // namespace ndx::tests
