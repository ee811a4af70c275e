// What a registry says of single methods.
#include <catch2/catch.hpp>
#include <string>

#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::LoadChanged;
using tests::LoadService;

TEST_CASE("what is wrong with a service's methods is refused") {
  const std::string good = "    endpoint: \"unix:/run/a.sock\"\n";
  const auto methods = [&](const std::string& list) {
    return LoadService(good, "  methods: [" + list + "]\n");
  };
  CHECK(methods("{name: Get}, {name: Plain}") == "ok");
  CHECK(methods("{name: Get, effect: CHANGE}") == "ok");
  CHECK(methods("{name: Plain, idempotent: true, retry: {}}") == "ok");
  CHECK(methods("{name: Plain, retry: {attempts: 1}}") == "ok");
  CHECK_THAT(methods("{name: Gte}"),
             Catch::Contains("services[0].methods[0].name: \"Gte\" is not a method of the service "
                             "(did you mean `Get`?)"));
  CHECK_THAT(methods("{name: Get}, {name: Get}"),
             Catch::Contains("methods[1].name: \"Get\" is listed already"));
  CHECK_THAT(methods("{name: Plain, retry: {}}"),
             Catch::Contains("methods[0].retry: is for idempotent methods only"));
  CHECK_THAT(methods("{name: Get, retry: {backoff: 3s}}"),
             Catch::Contains("backoff_max: \"2s\" is shorter than backoff"));
  CHECK_THAT(methods("{name: Get, default_deadline: 2s, deadline_max: 1s}"),
             Catch::Contains("default_deadline: \"2s\" is over the longest deadline, 1s"));
  CHECK_THAT(methods("{name: Get, message_bytes_max: 65MiB}"),
             Catch::Contains("message_bytes_max: must be at most 64MiB"));
}

TEST_CASE("an override that is laxer than the contract is refused") {
  const auto people = [](const std::string& method) {
    return LoadChanged("  adapter: people\n",
                       "  adapter: people\n  methods: [{name: " + method + "}]\n");
  };
  CHECK_THAT(people("Register, effect: READ"),
             Catch::Contains("contradicts the contract, which says CHANGE"));
  CHECK_THAT(people("Register, idempotent: true"),
             Catch::Contains("contradicts the contract, whose change is not idempotent"));
  CHECK_THAT(people("Register, write_ahead: false"),
             Catch::Contains("write_ahead: \"false\" contradicts the contract"));
  CHECK_THAT(people("Register, replay: FREE"),
             Catch::Contains("is laxer than the contract, which says "
                             "REPLAY_POLICY_WITH_APPROVAL"));
  CHECK(people("Register, replay: NEVER") == "ok");
  CHECK(people("LookUp, replay: NEVER, write_ahead: true") == "ok");
  CHECK(people("LookUp, effect: CHANGE") == "ok");
}

}  // namespace
}  // namespace ndx::registry
