// What settings of anchors and witness are refused, and with what text. The rest runs as programs:
// tests/integration/node/run_anchors.
#include "ndx/daemon/anchoring.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <string>

#include "ndx/crypto/key_file.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/time_stamp_authority.h"

namespace ndx::daemon {
namespace {

using Settings = settings::v1::NodeSettings;

std::string WitnessVkey(const std::string& name) {
  auto key = crypto::Ed25519PrivateKey::FromSeed(std::string(32, 'w')).value();
  return journal::CosignatureSigner::Create(name, std::move(key))->verifier().vkey();
}

class AnchoringScene {
 public:
  AnchoringScene() {
    std::ofstream(directory_.File("tsa.pem")) << authority_.ca_pem();
    tests::FakeRandom random{9};
    const auto key = crypto::Ed25519PrivateKey::Generate(random);
    REQUIRE(crypto::WriteKeyFile(directory_.File("witness.pem"), key.ToPem().view()).ok());
  }

  Settings Good() const {
    Settings settings;
    auto& anchors = *settings.mutable_anchors();
    anchors.set_witnesses_required(1);
    anchors.set_time_stamps_required(1);
    auto& peer = *anchors.add_witnesses();
    peer.set_url("https://west.example.vn:7490/");
    peer.set_vkey(WitnessVkey("west"));
    auto& authority = *anchors.add_time_stamp_authorities();
    authority.set_name("tsa");
    authority.set_url("http://tsa.example.vn/");
    authority.set_certificate_file("tsa.pem");
    auto& witness = *settings.mutable_witness();
    witness.set_http_address("127.0.0.1:0");
    witness.set_name("east/witness");
    witness.set_signing_key("file:witness.pem");
    witness.set_directory("witness");
    return settings;
  }
  absl::Status Check(const Settings& settings) const {
    return Anchoring::Check(settings, directory_.File("node.yaml"));
  }

 private:
  tests::TempDir directory_;
  tests::TimeStampAuthority authority_;
};

TEST_CASE("settings at fault are named with file and path") {
  const AnchoringScene scene;
  const absl::Status good = scene.Check(scene.Good());
  INFO(good);
  REQUIRE(good.ok());
  CHECK(scene.Check(Settings()).ok());
  struct Fault {
    std::string path;
    std::function<void(Settings&)> make;
  };
  const std::vector<Fault> faults = {
      {"anchors.witnesses[0].url",
       [](Settings& s) { s.mutable_anchors()->mutable_witnesses(0)->set_url("west"); }},
      {"anchors.witnesses[0].vkey",
       [](Settings& s) { s.mutable_anchors()->mutable_witnesses(0)->set_vkey("west+1+x"); }},
      {"anchors.witnesses[1]",
       [](Settings& s) { *s.mutable_anchors()->add_witnesses() = s.anchors().witnesses(0); }},
      {"anchors.witnesses_required",
       [](Settings& s) { s.mutable_anchors()->set_witnesses_required(2); }},
      {"anchors.time_stamp_authorities[0].name",
       [](Settings& s) {
         s.mutable_anchors()->mutable_time_stamp_authorities(0)->set_name("../tsa");
       }},
      {"anchors.time_stamp_authorities[0].certificate_file",
       [](Settings& s) {
         s.mutable_anchors()->mutable_time_stamp_authorities(0)->set_certificate_file("missing");
       }},
      {"anchors.time_stamp_authorities[1].name",
       [](Settings& s) {
         *s.mutable_anchors()->add_time_stamp_authorities() = s.anchors().time_stamp_authorities(0);
       }},
      {"anchors.time_stamps_required",
       [](Settings& s) { s.mutable_anchors()->set_time_stamps_required(2); }},
      {"witness.http_address", [](Settings& s) { s.mutable_witness()->set_http_address("7490"); }},
      {"witness.directory", [](Settings& s) { s.mutable_witness()->clear_directory(); }},
      {"witness.path_prefix", [](Settings& s) { s.mutable_witness()->set_path_prefix("w"); }},
      {"witness", [](Settings& s) { s.mutable_witness()->set_key_file("key.pem"); }},
      {"witness", [](Settings& s) { s.mutable_witness()->set_name("a b"); }},
      {"witness.journal_vkeys[0]",
       [](Settings& s) { s.mutable_witness()->add_journal_vkeys("x"); }},
  };
  for (const Fault& fault : faults) {
    Settings settings = scene.Good();
    fault.make(settings);
    const absl::Status status = scene.Check(settings);
    INFO(fault.path << " " << status);
    CHECK(std::string(status.message()).find("node.yaml: " + fault.path + ": ") !=
          std::string::npos);
  }
}

}  // namespace
}  // namespace ndx::daemon
