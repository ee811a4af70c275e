#include "ndx/broker/stages/resolve_stage.h"

#include <catch2/catch.hpp>

#include "ndx/tests/support/exchange_fixture.h"

namespace ndx::broker {
namespace {

TEST_CASE("a path and a provider become a route, or a refusal") {
  struct Case {
    std::string path;
    std::string provider;
    std::string reason;
  };
  const Case cases[] = {
      {tests::LedgerMethod("Read"), "", ""},
      {tests::LedgerMethod("Read"), "VN:GOV:G01:ledger", ""},
      {tests::LedgerMethod("Read"), "VN:GOV:G24:bhxh", "PROVIDER_UNKNOWN"},
      {tests::LedgerMethod("Raed"), "", "METHOD_UNKNOWN"},
      {tests::LedgerMethod("Upload"), "", "STREAMING_UNSUPPORTED"},
      {"", "", "METHOD_UNKNOWN"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.path, each.provider);
    tests::ExchangeFixture f;
    f.x->registry = f.registry;
    f.x->path = each.path;
    f.x->context.provider = each.provider;
    f.Enter(std::make_unique<ResolveStage>(f.loop.clock(), tests::LedgerNode()));
    CHECK(f.passed == 1);
    CHECK(f.reason() == each.reason);
    CHECK((f.x->route.method != nullptr) == each.reason.empty());
    CHECK((f.x->route.provider != nullptr) == each.reason.empty());
  }
}

}  // namespace
}  // namespace ndx::broker
