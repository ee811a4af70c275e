#include "ndx/registry/access_request.h"

#include "ndx/crypto/digest.h"

namespace ndx::registry {
namespace {

using v1::AccessRequest;
using v1::AccessStep;

bool IsWish(const AccessStep& step) {
  return step.kind() == v1::ACCESS_STEP_KIND_ASKED || step.kind() == v1::ACCESS_STEP_KIND_ANSWERED;
}

// The newest step that fits; the first where none does.
template <typename Fits>
const AccessStep& Newest(const AccessRequest& request, Fits fits) {
  for (auto step = request.steps().rbegin(); step != request.steps().rend(); ++step) {
    if (fits(*step)) return *step;
  }
  return request.steps(0);
}

}  // namespace

v1::AccessRequestState StateOf(const AccessRequest& request) {
  switch (request.steps().rbegin()->kind()) {
    case v1::ACCESS_STEP_KIND_MORE_ASKED:
      return v1::ACCESS_REQUEST_STATE_MORE_ASKED;
    case v1::ACCESS_STEP_KIND_APPROVED:
      return v1::ACCESS_REQUEST_STATE_APPROVED;
    case v1::ACCESS_STEP_KIND_REFUSED:
      return v1::ACCESS_REQUEST_STATE_REFUSED;
    case v1::ACCESS_STEP_KIND_WITHDRAWN:
      return v1::ACCESS_REQUEST_STATE_WITHDRAWN;
    case v1::ACCESS_STEP_KIND_EXPIRED:
      return v1::ACCESS_REQUEST_STATE_EXPIRED;
    default:
      return v1::ACCESS_REQUEST_STATE_WAITING;
  }
}

bool IsOpen(const AccessRequest& request) {
  const v1::AccessRequestState state = StateOf(request);
  return state == v1::ACCESS_REQUEST_STATE_WAITING || state == v1::ACCESS_REQUEST_STATE_MORE_ASKED;
}

const std::string& RequesterOf(const AccessRequest& request) { return request.steps(0).by(); }

const AccessStep& GrantingStepOf(const AccessRequest& request) {
  return Newest(request, [](const AccessStep& step) { return step.has_grant(); });
}

const AccessStep& WishingStepOf(const AccessRequest& request) {
  return Newest(request, [](const AccessStep& step) { return step.has_grant() && IsWish(step); });
}

// Narrowing leaves it where it was: with the owner.
absl::Time WaitingSince(const AccessRequest& request) {
  const AccessStep& step = Newest(
      request, [](const AccessStep& each) { return each.kind() != v1::ACCESS_STEP_KIND_NARROWED; });
  return absl::FromUnixNanos(step.time_unix_ns());
}

const std::string& RenewedGrantOf(const AccessRequest& request) {
  return request.steps(0).renews();
}

std::string DigestOf(const AccessStep& step) {
  AccessStep content = step;
  content.clear_leaf_index_plus_one();
  const crypto::Digest digest = crypto::Sha256Of({content.SerializeAsString()});
  return std::string(crypto::AsBytes(digest));
}

}  // namespace ndx::registry
