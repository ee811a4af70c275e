#include "ndx/anchors/auditor_files.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "log_of_leaves.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/time_stamp_authority.h"
#include "witness_fixture.h"

namespace ndx::anchors {
namespace {

int RunIn(const std::string& directory, const std::string& command) {
  return std::system(absl::StrCat("cd ", directory, " && ", command, " >/dev/null 2>&1").c_str());
}

TEST_CASE("openssl verifies every signature of an anchor, and refuses each with a byte changed") {
  const LogOfLeaves log = LogOfLeaves::OfSize(5);
  const tests::TimeStampAuthority authority;
  StoredAnchor anchor{.tree_size = 5, .checkpoint = log.Checkpoint(5)};
  journal::Note note = journal::ParseNote(anchor.checkpoint).value();
  note.signatures.push_back(WitnessFixture::Signer().Sign(note.text, 1'772'000'000));
  anchor.cosigned = journal::FormatNote(note);
  anchor.tokens["tsa"] =
      authority.Answer(crypto::TimeStampRequest(crypto::Sha256Of({anchor.checkpoint}), 1));
  for (const std::string& pem : {authority.ca_pem(), authority.certificate_pem()}) {
    AnchorTrust trust{.journal = {log.signer().verifier()}};
    trust.witnesses.witnesses = {WitnessFixture::Signer().verifier()};
    trust.authorities.emplace("tsa", crypto::TimeStampTrust::FromPem(pem).value());
    const auto out = FilesForAuditor(anchor, trust, {{"tsa", pem}});
    REQUIRE(out.ok());
    REQUIRE(out->commands.size() == 3);
    const tests::TempDir dir;
    for (const auto& [name, content] : out->files) {
      std::ofstream(dir.File(name), std::ios::binary) << content;
    }
    for (const std::string& command : out->commands) {
      INFO(command);
      CHECK(RunIn(dir.path(), command) == 0);
    }
    for (const auto& [name, content] : out->files) {
      if (name.find(".pem") != std::string::npos || name.find("cosigned") != std::string::npos) {
        continue;
      }
      std::string changed = content;
      changed[changed.size() / 2] ^= 1;
      std::ofstream(dir.File(name), std::ios::binary) << changed;
      int refused = 0;
      for (const std::string& command : out->commands) refused += RunIn(dir.path(), command) != 0;
      INFO(name);
      CHECK(refused == 1);
      std::ofstream(dir.File(name), std::ios::binary) << content;
    }
  }
}

TEST_CASE("strangers' signatures give no files, and a malformed anchor none at all") {
  const LogOfLeaves log = LogOfLeaves::OfSize(5);
  const StoredAnchor anchor{.tree_size = 5, .checkpoint = log.Checkpoint(5)};
  const auto out = FilesForAuditor(anchor, {}, {});
  REQUIRE(out.ok());
  CHECK(out->commands.empty());
  CHECK(out->files.size() == 1);
  CHECK_FALSE(FilesForAuditor({.tree_size = 5, .checkpoint = "no note"}, {}, {}).ok());
}

}  // namespace
}  // namespace ndx::anchors
