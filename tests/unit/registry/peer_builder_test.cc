// Other nodes in the registry, and providers that are reached through them.
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/crypto/digest.h"
#include "ndx/registry/registry_source.h"
#include "ndx/tests/support/registry_fixture.h"
#include "ndx/tests/support/signing_keys.h"
#include "ndx/tests/support/temp_dir.h"
#include "probe_loading.h"

namespace ndx::registry {
namespace {

using tests::LoadingCase;

// Of a journal whose key is 32 times 'k'.
std::string VkeyText(const std::string& name = "g01.example.vn/journal/1") {
  const std::string key = absl::StrCat(std::string(1, '\x01'), std::string(32, 'k'));
  const crypto::Digest digest = crypto::Sha256Of({name, "\n", key});
  return absl::StrCat(name, "+", absl::BytesToHexString(crypto::AsBytes(digest).substr(0, 4)), "+",
                      absl::Base64Escape(key));
}

std::string AssertionKey() { return tests::RegisteredKey(tests::EdDsaKey('r')); }

// A peer with these lines, and a service behind it unless it is said otherwise.
std::string PeerYaml(const std::string& lines) {
  return absl::StrCat("\npeers:\n- system: \"VN:GOV:G01:backup\"\n", lines);
}
std::string GoodPlace(const tests::TempDir& space) {
  return absl::StrCat("  endpoint: \"ndxp.example.vn:7443\"\n  tls: {ca_file: ", space.File("ca"),
                      "}\n");
}

std::string LoadPeer(const std::string& lines, const std::string& provider = "",
                     bool may_relay = true) {
  std::string base = tests::ProbeRegistryYaml();
  if (!provider.empty()) base.resize(base.find("- name: probe.v1.CatalogueService"));
  const std::string service =
      provider.empty() ? ""
                       : "services:\n- name: probe.v1.CatalogueService\n  adapter: people\n"
                         "  providers:\n  - {system: \"VN:GOV:G01:population\", " +
                             provider + "}\n";
  RegistrySource source = tests::ProbeSource();
  source.may_relay = may_relay;
  source.node_system = core::SystemId::Parse("VN:GOV:H55:mot-cua").value();
  const auto built = BuildRegistry({{.name = "base.yaml", .text = base},
                                    {.name = "/etc/more.yaml", .text = service + PeerYaml(lines)}},
                                   source);
  return built.ok() ? "ok" : std::string(built.status().message());
}

TEST_CASE("a peer stands in the snapshot with its place, its keys and its rights") {
  const tests::TempDir space;
  std::ofstream(space.File("ca")) << "x";
  const auto built = tests::BuildProbeRegistry(PeerYaml(absl::StrCat(
      GoodPlace(space), "  journal_keys: [\"", VkeyText(), "\"]\n",
      "  assertion_keys: [{public_key: \"", AssertionKey(),
      "\", valid_to: 2026-12-31}]\n  may_speak_for: [H55, \"000.00.20.G09\", \"H20.*\"]\n",
      "  methods: [probe.v1.PeopleService/Verify, \"probe.v1.CatalogueService/*\"]\n")));
  REQUIRE(built.ok());
  const RegistrySnapshot& registry = **built;
  const SystemEntry& system = *registry.FindSystem("VN:GOV:G01:backup");
  const PeerEntry* const peer = registry.FindPeer(system);
  REQUIRE(peer != nullptr);
  CHECK(registry.FindPeer(*registry.FindSystem("VN:GOV:H55:mot-cua")) == nullptr);
  CHECK(peer->endpoint->ToString() == "ndxp.example.vn:7443");
  CHECK(peer->endpoint->kind == Endpoint::Kind::kTcpTls);
  CHECK(peer->endpoint->server_name == "ndxp.example.vn");
  CHECK(peer->journal_keys == std::vector<std::string>{VkeyText()});
  CHECK(peer->assertion_keys.at(0).key.id() == tests::EdDsaKey('r').public_key().id());
  CHECK_FALSE(peer->assertion_keys.at(0).registered.Contains(absl::CivilDay(2027, 1, 1)));
  CHECK(peer->MaySpeakFor(*registry.FindMember("H55")));
  CHECK(peer->MaySpeakFor(*registry.FindMember("G09.20")));
  CHECK_FALSE(peer->MaySpeakFor(*registry.FindMember("G01")));
  CHECK(peer->MayRelay(*registry.FindMethod("/probe.v1.PeopleService/Verify")));
  CHECK_FALSE(peer->MayRelay(*registry.FindMethod("/probe.v1.PeopleService/LookUp")));
  CHECK(peer->MayRelay(*registry.FindMethod("/probe.v1.CatalogueService/Get")));
}

TEST_CASE("all below a member is not the member, nor who only begins like it") {
  const auto code = [](const char* text) { return AgencyCode::Parse(text).value(); };
  const MemberScope below{.code = code("H55"), .below = true};
  CHECK(below.Covers(code("H55.242")));
  CHECK(below.Covers(code("H55.242.01")));
  CHECK(below.Covers(code("000.00.20.H55")));
  CHECK_FALSE(below.Covers(code("H55")));
  CHECK_FALSE(below.Covers(code("H56.242")));
  const MemberScope one{.code = code("H55")};
  CHECK(one.Covers(code("H55")));
  CHECK_FALSE(one.Covers(code("H55.242")));
}

TEST_CASE("who says nothing of methods may ask by all, who says nothing of members for none") {
  const auto built = tests::BuildProbeRegistry(PeerYaml(""));
  REQUIRE(built.ok());
  const PeerEntry& peer = *(*built)->peers().front();
  CHECK(peer.MayRelay(*(*built)->FindMethod("/probe.v1.PeopleService/LookUp")));
  CHECK_FALSE(peer.MaySpeakFor(*(*built)->FindMember("H55")));
  CHECK_FALSE(peer.endpoint.has_value());
}

TEST_CASE("what is wrong with a peer is said, with its place") {
  const tests::TempDir space;
  std::ofstream(space.File("ca")) << "x";
  const std::string key =
      absl::StrCat("  assertion_keys: [{public_key: \"", AssertionKey(), "\"}]\n");
  std::string wrong_id = VkeyText();
  wrong_id[wrong_id.find('+') + 1] ^= 1;
  const LoadingCase cases[] = {
      {"nothing", "", "ok"},
      {"a place", GoodPlace(space), "ok"},
      {"a place without TLS", "  endpoint: \"ndxp.example.vn:7443\"\n",
       "nodes know each other by certificate"},
      {"TLS without a place", absl::StrCat("  tls: {ca_file: ", space.File("ca"), "}\n"),
       "peers[0].tls: needs an endpoint"},
      {"no such file", "  endpoint: \"ndxp.example.vn:7443\"\n  tls: {ca_file: /nowhere}\n",
       "is not there"},
      {"a socket",
       absl::StrCat("  endpoint: \"unix:/run/a\"\n  tls: {ca_file: ", space.File("ca"), "}\n"),
       "is for host:port endpoints only"},
      {"no vkey", "  journal_keys: [abc]\n", "is no key of a journal"},
      {"a vkey with another's id", absl::StrCat("  journal_keys: [\"", wrong_id, "\"]\n"),
       "is no key of a journal"},
      {"a member's key for assertions", "  assertion_keys: [{public_key: abc}]\n",
       "peers[0].assertion_keys[0].public_key"},
      {"P-256",
       absl::StrCat("  assertion_keys: [{public_key: \"",
                    tests::RegisteredKey(tests::Es256Key('r')), "\"}]\n"),
       "must be Ed25519 keys"},
      {"members without a key", "  may_speak_for: [H55]\n", "needs assertion_keys"},
      {"no code", key + "  may_speak_for: [\"*\"]\n", "peers[0].may_speak_for[0]"},
      {"no method", "  methods: [probe.v1.PeopleService/Look]\n",
       "is not a method of the registry"},
  };
  for (const LoadingCase& c : cases) {
    INFO(c.name);
    CHECK_THAT(LoadPeer(c.yaml), Catch::Contains(c.error));
  }
  CHECK_THAT(LoadPeer("- system: \"VN:GOV:G01:backup\"\n"), Catch::Contains("is a peer already"));
  CHECK_THAT(LoadPeer("- system: \"VN:GOV:H55:mot-cua\"\n"),
             Catch::Contains("is this node itself"));
  CHECK_THAT(LoadPeer("- system: \"VN:GOV:H99:x\"\n"),
             Catch::Contains("is not a system of the registry"));
}

TEST_CASE("a provider through a peer has the peer's place, and says nothing of its own") {
  const tests::TempDir space;
  std::ofstream(space.File("ca")) << "x";
  const std::string place = GoodPlace(space);
  const std::string keys = absl::StrCat("  journal_keys: [\"", VkeyText(), "\"]\n");
  const std::string via = "via_peer: \"VN:GOV:G01:backup\"";
  CHECK(LoadPeer(place + keys, via) == "ok");
  CHECK_THAT(LoadPeer(place + keys, via, false), Catch::Contains("needs the setting relay.key"));
  CHECK_THAT(LoadPeer(place, via), Catch::Contains("has no journal_keys"));
  CHECK_THAT(LoadPeer(keys, via), Catch::Contains("has no endpoint in `peers`"));
  CHECK_THAT(LoadPeer(place + keys, "via_peer: \"VN:GOV:H55:mot-cua\""),
             Catch::Contains("is not in `peers`"));
  CHECK_THAT(LoadPeer(place + keys, via + ", endpoint: \"embedded:people\""),
             Catch::Contains("excludes endpoint and tls"));
  CHECK_THAT(LoadPeer(place + keys, "signed_answers: false"),
             Catch::Contains("is required, unless the provider is reached through a peer"));
}

TEST_CASE("files of a peer's TLS mean the same wherever the document stands") {
  const auto document =
      ParseRegistry({{.name = "/etc/ndx/registry.yaml",
                      .text = "peers:\n- system: \"VN:GOV:G01:backup\"\n"
                              "  endpoint: \"a:1\"\n  tls: {ca_file: ca.crt}\n"}});
  REQUIRE(document.ok());
  CHECK(document->peers(0).tls().ca_file() == "/etc/ndx/ca.crt");
}

}  // namespace
}  // namespace ndx::registry
