// What a node tells its peers of its services, and what it makes of theirs.
#include "ndx/registry/service_feed.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/signing_keys.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::registry {
namespace {

using exchange::v1::GetServiceFeedResponse;

constexpr char kPeople[] = "probe.v1.PeopleService";
constexpr char kCatalogue[] = "probe.v1.CatalogueService";

std::string FeedVkey() {
  const std::string name = "g01.example.vn/journal/1";
  const std::string key = absl::StrCat(std::string(1, '\x01'), std::string(32, 'k'));
  const crypto::Digest digest = crypto::Sha256Of({name, "\n", key});
  return absl::StrCat(name, "+", absl::BytesToHexString(crypto::AsBytes(digest).substr(0, 4)), "+",
                      absl::Base64Escape(key));
}

// A node with both services, whose peer VN:GOV:H55:mot-cua may relay by what these lines say.
std::shared_ptr<const RegistrySnapshot> Provider(const std::string& lines = "") {
  const auto built = tests::BuildProbeRegistry(
      absl::StrCat("peers:\n- system: \"VN:GOV:H55:mot-cua\"\n  assertion_keys: [{public_key: \"",
                   tests::RegisteredKey(tests::EdDsaKey('r')), "\"}]\n", lines));
  INFO(built.status());
  REQUIRE(built.ok());
  return *built;
}

GetServiceFeedResponse FeedOf(const RegistrySnapshot& registry) {
  return ServiceFeedOf(registry, *registry.peers().front());
}

// A node that has no service of its own, and takes from its peer's feed what these lines say.
class Taker {
 public:
  Taker() {
    std::ofstream(space_.File("ca")) << "x";
    source_.node_system = core::SystemId::Parse("VN:GOV:H55:mot-cua").value();
    source_.peer_feeds = feeds_;
  }

  void Offer(const GetServiceFeedResponse& feed) {
    feeds_->Put(core::SystemId::Parse("VN:GOV:G02:truc").value(),
                std::make_shared<const GetServiceFeedResponse>(feed));
  }

  absl::StatusOr<std::shared_ptr<const RegistrySnapshot>> Load(const std::string& lines,
                                                               const std::string& more = "") {
    const std::string yaml = absl::StrCat(
        "members: [{code: G02, name_vi: Trục}, {code: H55, name_vi: Tỉnh}]\n"
        "purposes: [{code: tthc, name_vi: TTHC}]\n"
        "systems: [{id: \"VN:GOV:G02:truc\"}, {id: \"VN:GOV:H55:mot-cua\"}]\n"
        "peers:\n- system: \"VN:GOV:G02:truc\"\n  endpoint: \"ndxp.example.vn:7443\"\n"
        "  tls: {ca_file: ",
        space_.File("ca"), "}\n  journal_keys: [\"", FeedVkey(), "\"]\n", lines, more);
    return BuildRegistry({{.name = "base.yaml", .text = yaml}}, source_);
  }

 private:
  tests::TempDir space_;
  std::shared_ptr<PeerFeeds> feeds_ = std::make_shared<PeerFeeds>();
  RegistrySource source_;
};

TEST_CASE("a feed has the services that the peer may relay to, with contracts and providers") {
  const auto registry = Provider();
  const GetServiceFeedResponse feed = FeedOf(*registry);
  REQUIRE(feed.services_size() == 2);
  CHECK(feed.services(0).name() == kCatalogue);  // by name
  CHECK(feed.services(1).name() == kPeople);
  CHECK(feed.contracts_size() == 1);  // both are in one file
  CHECK(feed.services(0).contract_sha256() == feed.services(1).contract_sha256());
  REQUIRE(feed.services(1).providers_size() == 2);
  CHECK(feed.services(1).providers(0).system() == "VN:GOV:G01:population");
  CHECK(feed.services(1).providers(0).member().name_vi() == "Bộ Công an");
  CHECK(feed.services(1).nodes().empty());
  CHECK(CheckFeed(feed).ok());
  CHECK(FeedOf(*Provider()).version() == feed.version());
}

TEST_CASE("a peer with methods of its own is told their services alone") {
  const auto registry = Provider("  methods: [probe.v1.PeopleService/Verify]\n");
  const GetServiceFeedResponse feed = FeedOf(*registry);
  REQUIRE(feed.services_size() == 1);
  CHECK(feed.services(0).name() == kPeople);
  CHECK(feed.version() != FeedOf(*Provider()).version());
}

TEST_CASE("a feed that is not what it says is refused") {
  const GetServiceFeedResponse good = FeedOf(*Provider());
  const auto fault = [&](auto change) {
    GetServiceFeedResponse feed = good;
    change(feed);
    feed.set_version(FeedVersion(feed));
    return std::string(CheckFeed(feed).message());
  };
  GetServiceFeedResponse altered = good;
  altered.mutable_services(0)->set_title_vi("Khác");
  CHECK(CheckFeed(altered).message() == "has a version that is not the one of its content");
  CHECK(fault([](auto& feed) { feed.clear_contracts(); }) ==
        absl::StrCat("lacks the contract of ", kCatalogue));
  CHECK(fault([](auto& feed) { feed.mutable_services(0)->set_name(kPeople); }) ==
        "names a service twice, or not at all");
  CHECK(fault([](auto& feed) { feed.mutable_services(0)->clear_providers(); }) ==
        absl::StrCat("names no provider of ", kCatalogue));
}

TEST_CASE("patterns name one service, all below a package, or all") {
  CHECK(NamesService("*", kPeople));
  CHECK(NamesService("probe.v1.*", kPeople));
  CHECK(NamesService("probe.*", kPeople));
  CHECK(NamesService(kPeople, kPeople));
  CHECK_FALSE(NamesService("probe.v1.People*", kPeople));
  CHECK_FALSE(NamesService("probe", kPeople));
  CHECK_FALSE(NamesService("prob.*", kPeople));
  CHECK_FALSE(NamesService(kCatalogue, kPeople));
}

TEST_CASE("a service of a feed is an entry like any other, behind its peer") {
  Taker taker;
  taker.Offer(FeedOf(*Provider()));
  const auto built = taker.Load("  services: [probe.v1.PeopleService]\n  keep: KEEP\n");
  INFO(built.status());
  REQUIRE(built.ok());
  const RegistrySnapshot& registry = **built;
  const ServiceEntry* const service = registry.FindService(kPeople);
  REQUIRE(service != nullptr);
  CHECK(registry.FindService(kCatalogue) == nullptr);  // not asked for
  CHECK(service->fed_by == registry.peers().front().get());
  CHECK(service->feed_nodes == std::vector<std::string>{"VN:GOV:G02:truc"});
  REQUIRE(service->providers.size() == 2);
  CHECK(service->providers[0].system->id.text() == "VN:GOV:G01:population");
  CHECK(service->providers[0].via == service->fed_by);
  CHECK(service->providers[0].endpoint.ToString() == "ndxp.example.vn:7443");
  CHECK(service->providers[0].keeps);
  CHECK(service->providers[0].concurrent_calls > 0);  // defaults as of any provider
  // Known by the feed's word, with nothing to call by.
  CHECK(registry.FindMember("G01")->name_vi == "Bộ Công an");
  CHECK(registry.FindSystem("VN:GOV:G01:population")->certificates.empty());
  CHECK(registry.FindMethod("/probe.v1.PeopleService/Verify") != nullptr);
  Taker without;
  CHECK((*without.Load("  services: [\"*\"]\n"))->version() != registry.version());
}

TEST_CASE("ways that lead back here, or over too many nodes, are no services") {
  const auto offered_by = [](std::vector<std::string> nodes) {
    GetServiceFeedResponse feed = FeedOf(*Provider());
    feed.mutable_services(1)->mutable_nodes()->Assign(nodes.begin(), nodes.end());
    Taker taker;
    taker.Offer(feed);
    return (*taker.Load("  services: [\"*\"]\n"))->FindService(kPeople) != nullptr;
  };
  CHECK(offered_by({"VN:GOV:G09:truc", "VN:GOV:G08:truc"}));
  CHECK_FALSE(offered_by({"VN:GOV:G09:truc", "VN:GOV:G08:truc", "VN:GOV:G07:truc"}));
  CHECK_FALSE(offered_by({"VN:GOV:H55:mot-cua"}));
}

TEST_CASE("a grant may name what a feed is to bring, and waits for it") {
  const std::string grant =
      "grants:\n- {name: g, consumer: \"VN:GOV:H55:mot-cua\", methods: "
      "[probe.v1.PeopleService/Verify], purposes: [tthc], legal_basis: Luật, "
      "providers: [\"VN:GOV:G01:backup\"]}\n";
  Taker taker;
  const auto waits = taker.Load("  services: [\"probe.*\"]\n", grant);
  INFO(waits.status());
  REQUIRE(waits.ok());
  CHECK((*waits)->awaited() == std::vector<std::string>{"probe.v1.PeopleService/Verify"});
  taker.Offer(FeedOf(*Provider()));
  const auto there = taker.Load("  services: [\"probe.*\"]\n", grant);
  REQUIRE(there.ok());
  CHECK((*there)->awaited().empty());
  const MethodEntry& method = *(*there)->FindMethod("/probe.v1.PeopleService/Verify");
  CHECK((*there)->GrantsOf("VN:GOV:H55:mot-cua", method).size() == 1);
  CHECK_FALSE(taker.Load("  services: [\"other.*\"]\n", grant).ok());
  // Its provider may be a system of the registry already.
  const std::string known = absl::StrReplaceAll(grant, {{"VN:GOV:G01:backup", "VN:GOV:G02:truc"}});
  CHECK(Taker().Load("  services: [\"probe.*\"]\n", known).ok());
}

TEST_CASE("what is wanted of a feed must be a name, and the peer one that can be asked") {
  Taker taker;
  const auto fault = [&](const std::string& lines) {
    return std::string(taker.Load(lines).status().message());
  };
  CHECK_THAT(fault("  services: [\"probe.v1.Peo*\"]\n"),
             Catch::Contains("must be the full name of a service, package.* or *"));
  CHECK_THAT(std::string(tests::BuildProbeRegistry(
                             "peers:\n- {system: \"VN:GOV:H55:mot-cua\", services: [\"*\"]}\n")
                             .status()
                             .message()),
             Catch::Contains("needs endpoint, tls and journal_keys"));
}

}  // namespace
}  // namespace ndx::registry
