#include "ndx/telemetry/trace_context.h"

#include <catch2/catch.hpp>
#include <string>

#include "ndx/tests/support/fake_random.h"

namespace ndx::telemetry {
namespace {

constexpr char kExample[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST_CASE("the example of the recommendation is read and written back") {
  const auto context = TraceContext::Parse(kExample);
  REQUIRE(context.ok());
  CHECK(context->sampled());
  CHECK(context->ToString() == kExample);
  CHECK(context->trace_id().size() == TraceContext::kTraceIdBytes);
}

TEST_CASE("only well-formed traceparents are read") {
  const std::string example = kExample;
  struct Case {
    const char* name;
    std::string text;
    bool good;
  };
  const Case cases[] = {
      {"not sampled", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true},
      {"a later version", "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
      {"a later version with more", "cc" + example.substr(2) + "-what-the-future-brings", true},
      {"a later version run on", "cc" + example.substr(2) + ".what", false},
      {"version 00 with more", example + "-x", false},
      {"version ff", "ff" + example.substr(2), false},
      {"upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false},
      {"zero trace id", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
      {"zero span id", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false},
      {"dash moved", "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01", false},
      {"no hexadecimal", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", false},
      {"short", example.substr(0, 54), false},
      {"empty", "", false},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(TraceContext::Parse(c.text).ok() == c.good);
  }
}

TEST_CASE("flags without meaning are not passed on, and a later version is written as 00") {
  const auto context =
      TraceContext::Parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff");
  REQUIRE(context.ok());
  CHECK(context->ToString() == kExample);
}

TEST_CASE("a child keeps the trace and has a span of its own, a root has both anew") {
  tests::FakeRandom random(3);
  const TraceContext parent = TraceContext::Parse(kExample).value();
  const TraceContext child = parent.Child(random);
  CHECK(child.trace_id() == parent.trace_id());
  CHECK(child.span_id() != parent.span_id());
  CHECK(child.sampled());
  const TraceContext root = TraceContext::Root(random);
  CHECK(root.is_valid());
  CHECK_FALSE(root.sampled());
  CHECK(TraceContext::Parse(root.ToString()).value() == root);
  CHECK_FALSE(TraceContext().is_valid());
}

}  // namespace
}  // namespace ndx::telemetry
