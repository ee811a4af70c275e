#include "ndx/dispatch/dispatcher.h"

#include <catch2/catch.hpp>

#include "dispatch_fixture.h"
#include "ndx/tests/support/fake_adapter.h"

namespace ndx::dispatch {
namespace {

TEST_CASE("the way to a provider is made once, and kept over reloads that do not touch it") {
  DispatchFixture f;
  auto first = f.Start("Read");
  auto second = f.Start("Note");
  CHECK(f.far.made == 1);
  f.registry = tests::BuildLedgerRegistry("purposes: [{code: khac, name_vi: Khác}]");
  auto third = f.Start("Read");
  CHECK(f.far.made == 1);
  CHECK(f.dispatcher->targets() == 1);
  // Exchanges that began under the old registry and the new one take turns.
  auto old = tests::BuildLedgerRegistry("");
  for (int i = 0; i < 3; ++i) {
    std::swap(f.registry, old);
    auto call = f.Start("Read");
  }
  CHECK(f.far.made == 1);
}

TEST_CASE("ways are made anew when they are to show another certificate; calls under way end") {
  DispatchFixture f;
  auto under_way = f.Start("Read");
  CHECK(f.far.made == 1);
  f.loop.Run([&] { f.dispatcher->Renew(); });
  CHECK(f.dispatcher->targets() == 0);
  CHECK_FALSE(under_way->end.has_value());
  auto next = f.Start("Read");
  CHECK(f.far.made == 2);
  CHECK(f.dispatcher->targets() == 1);
}

TEST_CASE("an entry at the address of one that is gone is not taken for it") {
  DispatchFixture f;
  const registry::MethodEntry* read = f.registry->FindMethod(tests::LedgerMethod("Read"));
  // One address, two providers: only the snapshot tells them apart.
  registry::ProviderEntry entry = read->service->providers.front();
  KeepingObserver before(f.loop);
  KeepingObserver after(f.loop);
  f.loop.Run([&] {
    DispatchRequest request = f.Request("Read", absl::Seconds(1));
    request.provider = &entry;
    before.call = f.dispatcher->Start(std::move(request), &before);
  });
  f.registry = tests::BuildLedgerRegistry("");
  entry = f.registry->FindMethod(tests::LedgerMethod("Read"))->service->providers.front();
  entry.endpoint.target = "another";
  f.loop.Run([&] {
    DispatchRequest request = f.Request("Read", absl::Seconds(1));
    request.provider = &entry;
    after.call = f.dispatcher->Start(std::move(request), &after);
  });
  CHECK(f.far.made == 2);
  CHECK(f.dispatcher->targets() == 2);
}

TEST_CASE("without a snapshot a provider is known by its key") {
  DispatchFixture f;
  auto first = f.Start("Read");
  KeepingObserver observer(f.loop);
  f.loop.Run([&] {
    DispatchRequest request = f.Request("Read", absl::Seconds(1));
    request.registry = nullptr;
    observer.call = f.dispatcher->Start(std::move(request), &observer);
  });
  CHECK(f.far.made == 1);
}

TEST_CASE("a provider without a way to it fails the call, and is tried again by the next") {
  DispatchFixture f;
  f.far.unusable = absl::NotFoundError("no such adapter");
  auto call = f.Start("Change");
  REQUIRE(call->end.has_value());
  CHECK(call->reason() == "INTERNAL");
  CHECK(call->end->delivery == transport::Delivery::kNotSent);
  CHECK(call->end->call.text == "no such adapter");
  f.far.unusable = absl::OkStatus();
  auto next = f.Start("Change");
  CHECK_FALSE(next->end.has_value());
  CHECK(f.far.made == 2);
}

TEST_CASE("a forgotten provider ends with its last call") {
  DispatchFixture f;
  registry::ProviderEntry gone =
      f.registry->FindMethod(tests::LedgerMethod("Read"))->service->providers.front();
  gone.endpoint.target = "gone";
  KeepingObserver observer(f.loop);
  f.loop.Run([&] {
    DispatchRequest request = f.Request("Read", absl::Seconds(1));
    request.provider = &gone;
    request.registry = nullptr;
    observer.call = f.dispatcher->Start(std::move(request), &observer);
  });
  auto kept = f.Start("Read");
  CHECK(f.dispatcher->targets() == 2);
  f.loop.Run([&] { f.dispatcher->Forget(*f.registry); });
  CHECK(f.dispatcher->targets() == 1);
  f.loop.Run([&] { f.far.calls[0]->Answer("still"); });
  CHECK(observer.messages == std::vector<std::string>{"still"});
  auto again = f.Start("Read");
  CHECK(f.far.made == 2);
}

TEST_CASE("adapters of this process are found by name, the node itself without one") {
  tests::LoopThread loop;
  tests::FakeRandom random;
  const EmbeddedAdapters adapters = {{"ledger", std::make_shared<tests::FakeAdapter>()},
                                     {"", std::make_shared<tests::FakeAdapter>()}};
  const auto registry = tests::BuildLedgerRegistry("");
  registry::ProviderEntry entry =
      registry->FindMethod(tests::LedgerMethod("Read"))->service->providers.front();
  loop.Run([&] {
    const UpstreamSource source = NetworkAndEmbedded(loop.loop(), random, adapters, {});
    CHECK(source(entry).ok());
    entry.endpoint.target = "unknown";
    CHECK(source(entry).status().code() == absl::StatusCode::kNotFound);
    entry.endpoint.kind = registry::Endpoint::Kind::kNode;
    CHECK(source(entry).ok());
    entry.endpoint.kind = registry::Endpoint::Kind::kUnix;
    entry.endpoint.target = "/run/ndx/nobody.sock";
    CHECK(source(entry).ok());
    entry.endpoint.kind = registry::Endpoint::Kind::kTcpTls;
    entry.endpoint.host = "127.0.0.1";
    entry.endpoint.port = 1;
    entry.endpoint.ca_file = "/no/such/ca.pem";
    CHECK_FALSE(source(entry).ok());
  });
}

}  // namespace
}  // namespace ndx::dispatch
