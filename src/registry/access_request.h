// What the steps of a request for access (yêu cầu cấp quyền) amount to.
//
// Thread-safety: thread-safe functions. A request is as AccessRequestStore gives it: with one step
// at least, the first of which has a grant.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "ndx/registry/v1/access_request.pb.h"
#include "ndx/registry/v1/registry_document.pb.h"

namespace ndx::registry {

v1::AccessRequestState StateOf(const v1::AccessRequest& request);

// Whether somebody still has to do something about it.
bool IsOpen(const v1::AccessRequest& request);

// Who asked.
const std::string& RequesterOf(const v1::AccessRequest& request);

// The newest step that says what would be granted, and of those the newest by whoever asked.
const v1::AccessStep& GrantingStepOf(const v1::AccessRequest& request);
const v1::AccessStep& WishingStepOf(const v1::AccessRequest& request);

// Since when it waits for whoever is to do something.
absl::Time WaitingSince(const v1::AccessRequest& request);

// The grant that it would extend; empty for a new one.
const std::string& RenewedGrantOf(const v1::AccessRequest& request);

// 32 bytes over the step as it is kept, without its leaf: it holds that of the step before.
std::string DigestOf(const v1::AccessStep& step);

}  // namespace ndx::registry
