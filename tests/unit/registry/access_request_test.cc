#include "ndx/registry/access_request.h"

#include <catch2/catch.hpp>
#include <string>

namespace ndx::registry {
namespace {

v1::AccessRequest Asked(const std::string& grant = "first") {
  v1::AccessRequest request;
  request.set_number(7);
  v1::AccessStep& step = *request.add_steps();
  step.set_kind(v1::ACCESS_STEP_KIND_ASKED);
  step.set_by("an");
  step.set_time_unix_ns(1'000'000'000);
  step.mutable_grant()->set_name(grant);
  return request;
}

v1::AccessStep& Add(v1::AccessRequest& request, v1::AccessStepKind kind) {
  v1::AccessStep& step = *request.add_steps();
  step.set_kind(kind);
  step.set_time_unix_ns(request.steps_size() * 1'000'000'000LL);
  return step;
}

TEST_CASE("the newest step says whose move it is") {
  struct Case {
    v1::AccessStepKind kind;
    v1::AccessRequestState state;
    bool open;
  };
  for (const Case& each : {
           Case{v1::ACCESS_STEP_KIND_MORE_ASKED, v1::ACCESS_REQUEST_STATE_MORE_ASKED, true},
           Case{v1::ACCESS_STEP_KIND_ANSWERED, v1::ACCESS_REQUEST_STATE_WAITING, true},
           Case{v1::ACCESS_STEP_KIND_NARROWED, v1::ACCESS_REQUEST_STATE_WAITING, true},
           Case{v1::ACCESS_STEP_KIND_APPROVED, v1::ACCESS_REQUEST_STATE_APPROVED, false},
           Case{v1::ACCESS_STEP_KIND_REFUSED, v1::ACCESS_REQUEST_STATE_REFUSED, false},
           Case{v1::ACCESS_STEP_KIND_WITHDRAWN, v1::ACCESS_REQUEST_STATE_WITHDRAWN, false},
           Case{v1::ACCESS_STEP_KIND_EXPIRED, v1::ACCESS_REQUEST_STATE_EXPIRED, false},
       }) {
    auto request = Asked();
    CHECK(StateOf(request) == v1::ACCESS_REQUEST_STATE_WAITING);
    CHECK(IsOpen(request));
    Add(request, each.kind);
    CHECK(StateOf(request) == each.state);
    CHECK(IsOpen(request) == each.open);
    CHECK(RequesterOf(request) == "an");
  }
}

TEST_CASE("what would be granted is what was left last, what was asked for what was wished last") {
  auto request = Asked();
  Add(request, v1::ACCESS_STEP_KIND_NARROWED).mutable_grant()->set_name("less");
  Add(request, v1::ACCESS_STEP_KIND_MORE_ASKED);
  CHECK(GrantingStepOf(request).grant().name() == "less");
  CHECK(WishingStepOf(request).grant().name() == "first");
  Add(request, v1::ACCESS_STEP_KIND_ANSWERED);
  CHECK(GrantingStepOf(request).grant().name() == "less");
  Add(request, v1::ACCESS_STEP_KIND_ANSWERED).mutable_grant()->set_name("other");
  CHECK(GrantingStepOf(request).grant().name() == "other");
  CHECK(WishingStepOf(request).grant().name() == "other");
}

TEST_CASE("it waits since the last step that made it somebody else's move") {
  auto request = Asked();
  Add(request, v1::ACCESS_STEP_KIND_MORE_ASKED);
  Add(request, v1::ACCESS_STEP_KIND_ANSWERED);
  Add(request, v1::ACCESS_STEP_KIND_NARROWED);
  CHECK(WaitingSince(request) == absl::FromUnixSeconds(3));
}

TEST_CASE("a step's digest holds everything of it but its leaf") {
  v1::AccessStep step = Asked().steps(0);
  const std::string digest = DigestOf(step);
  CHECK(digest.size() == 32);
  step.set_leaf_index_plus_one(9);
  CHECK(DigestOf(step) == digest);
  step.mutable_grant()->set_valid_to("2030-01-01");
  CHECK(DigestOf(step) != digest);
}

}  // namespace
}  // namespace ndx::registry
