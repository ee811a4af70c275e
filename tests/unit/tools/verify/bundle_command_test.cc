#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/tests/unit/tools/verify/log_with_receipt.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tools::verify {
namespace {

namespace fs = std::filesystem;
using Catch::Contains;
using tests::LogWithReceipt;

// A bundle of the log's exchange, as a directory.
struct Bundle {
  explicit Bundle(const std::string& name = "bundle", bool payloads = true)
      : path(made.log.space().File(name)) {
    auto writer = journal::EvidenceWriter::Create(path);
    REQUIRE(writer.ok());
    journal::EvidenceWriter::Exchange exchange{
        .exchange_id = LogWithReceipt::kExchangeId,
        .consumer = "VN:GOV:H55:mot-cua",
        .leaves = {{1, made.receipt.opening.leaf(), journal::FormatReceipt(made.receipt)}}};
    if (payloads) {
      exchange.request = {"question"};
      exchange.response = {"answer"};
    }
    REQUIRE(writer->Add(exchange).ok());
    REQUIRE(writer
                ->Finish({.checkpoint = made.receipt.checkpoint,
                          .vkey = made.log.signer().verifier().vkey(),
                          .origin = "node/journal/1",
                          .tree_size = 3,
                          .made = "2026-03-02T08:00:00+07:00",
                          .selection = "case 17"})
                .ok());
  }

  tests::VerifyRun Verify() const {
    return tests::RunVerify({"bundle", "--key-file", made.log.key_file(), path});
  }
  std::string File(const char* name) const { return absl::StrCat(path, "/", name); }
  // Writes a file again and makes the manifest name it as it is.
  void Replace(const char* name, const std::string& bytes) const {
    tests::WriteAll(File(name), bytes);
    auto manifest = journal::ParseManifest(tests::ReadAll(File("manifest.json"))).value();
    for (auto& file : *manifest.mutable_files()) {
      if (file.name() != name) continue;
      file.set_bytes(bytes.size());
      const auto digest = crypto::Sha256Of({bytes});
      file.set_sha256(absl::BytesToHexString(crypto::AsBytes(digest)));
    }
    tests::WriteAll(File("manifest.json"), journal::FormatManifest(manifest));
  }

  LogWithReceipt made;
  std::string path;
};

TEST_CASE(
    "payloads are those of the exchange's own leaf, also when an operator read it afterwards") {
  LogWithReceipt made;
  journal::v1::JournalLeaf leaf;
  leaf.set_leaf_version(journal::kLeafVersion);
  leaf.set_event(journal::v1::JOURNAL_EVENT_OPERATOR_READ);
  leaf.set_exchange_id(std::string(core::ExchangeId::Parse(LogWithReceipt::kExchangeId)->bytes()));
  leaf.set_operator_name("an");
  const std::string read = journal::EncodeLeaf(leaf).value();
  made.log.Export({"0", made.receipt.opening.leaf(), read});
  made.receipt.checkpoint = tests::ReadAll(made.log.File("checkpoint"));
  made.receipt.proof = {journal::LeafHash("0"), journal::LeafHash(read)};
  journal::Receipt of_read;
  of_read.opening.set_leaf(read);
  of_read.index = 2;
  of_read.checkpoint = made.receipt.checkpoint;
  of_read.proof = {
      journal::NodeHash(journal::LeafHash("0"), journal::LeafHash(made.receipt.opening.leaf()))};
  const std::string path = made.log.space().File("read");
  auto writer = journal::EvidenceWriter::Create(path);
  REQUIRE(writer.ok());
  REQUIRE(
      writer
          ->Add({.exchange_id = LogWithReceipt::kExchangeId,
                 .consumer = "VN:GOV:H55:mot-cua",
                 .leaves = {{1, made.receipt.opening.leaf(), journal::FormatReceipt(made.receipt)},
                            {2, read, journal::FormatReceipt(of_read)}},
                 .request = {"question"},
                 .response = {"answer"}})
          .ok());
  REQUIRE(writer
              ->Finish({.checkpoint = made.receipt.checkpoint,
                        .vkey = made.log.signer().verifier().vkey(),
                        .origin = "node/journal/1",
                        .tree_size = 3,
                        .made = "2026-03-02T08:00:00+07:00",
                        .selection = "case 17"})
              .ok());
  const auto run = tests::RunVerify({"bundle", "--key-file", made.log.key_file(), path});
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("2 leaves of 1 exchanges by their receipts") &&
                          Contains("2 payloads by their commitments"));
}

TEST_CASE("a bundle holds, with payloads and without, as directory and as archive") {
  const Bundle bundle;
  const auto run = bundle.Verify();
  INFO(run.out << run.err);
  CHECK(run.code == 0);
  CHECK_THAT(run.out, Contains("1 leaves of 1 exchanges by their receipts") &&
                          Contains("2 payloads by their commitments") &&
                          Contains("not checked: that no exchange was left out"));
  CHECK(Bundle("bundle.tar").Verify().code == 0);
  const auto without = Bundle("without", false).Verify();
  CHECK(without.code == 0);
  CHECK_THAT(without.out, Contains("not checked: 2 payloads, which are not in the bundle"));
}

TEST_CASE("any byte changed in any file of a bundle but the manifest's words is found") {
  const Bundle bundle;
  for (const auto& entry : fs::recursive_directory_iterator(bundle.path)) {
    if (entry.is_directory() || entry.path().filename() == "manifest.json") continue;
    INFO(entry.path());
    for (size_t at = 0; at < fs::file_size(entry.path()); at += 7) {
      tests::FlipByte(entry.path().string(), at);
      CHECK(bundle.Verify().code == 1);
      tests::FlipByte(entry.path().string(), at);
    }
  }
  CHECK(bundle.Verify().code == 0);
}

TEST_CASE("a forger who also writes the manifest anew is found by leaf, receipt and commitment") {
  const Bundle bundle;
  bundle.Replace("payloads/1.response", journal::FrameMessages({"another answer"}));
  CHECK_THAT(bundle.Verify().out, Contains("the answer given is not the one that was recorded"));
  bundle.Replace("payloads/1.response", journal::FrameMessages({"answer"}));
  CHECK(bundle.Verify().code == 0);

  const std::string leaves = tests::ReadAll(bundle.File("leaves.ndjson"));
  bundle.Replace("leaves.ndjson", absl::StrReplaceAll(leaves, {{"mot-cua", "mot-cuo"}}));
  CHECK_THAT(bundle.Verify().out, Contains("record does not say what the leaf says"));
  bundle.Replace("leaves.ndjson", absl::StrReplaceAll(leaves, {{"\"index\":1,", "\"index\":2,"}}));
  CHECK(bundle.Verify().code == 1);
  bundle.Replace("leaves.ndjson", "");
  CHECK_THAT(bundle.Verify().out, Contains("leaf 1: is missing"));
  bundle.Replace("leaves.ndjson", leaves);

  const tests::LogDirectory other(3, "other/journal/1");
  bundle.Replace("checkpoint", tests::ReadAll(other.File("checkpoint")));
  CHECK(bundle.Verify().code == 1);
}

TEST_CASE("a bundle is verified by a key from elsewhere, not by its own") {
  const Bundle bundle;
  const tests::LogDirectory other(3, "other/journal/1");
  CHECK(tests::RunVerify({"bundle", "--key-file", other.key_file(), bundle.path}).code == 1);
  CHECK(tests::RunVerify({"bundle", bundle.path}).code == 2);
}

TEST_CASE("files more or fewer than the manifest's are found, and what is no bundle") {
  const Bundle bundle;
  tests::WriteAll(bundle.File("more"), "x");
  CHECK_THAT(bundle.Verify().out, Contains("more: does not stand in the manifest"));
  fs::remove(bundle.File("more"));
  fs::remove(bundle.File("vkey"));
  CHECK_THAT(bundle.Verify().out, Contains("vkey: is missing"));
  fs::remove(bundle.File("manifest.json"));
  CHECK(bundle.Verify().code == 1);
  tests::WriteAll(bundle.File("../no.tar"), "no archive");
  CHECK(tests::RunVerify({"bundle", "--key-file", bundle.made.log.key_file(),
                          bundle.made.log.space().File("no.tar")})
            .code == 1);
  CHECK(tests::RunVerify({"bundle", "--key-file", bundle.made.log.key_file(), "/absent"}).code ==
        2);
}

}  // namespace
}  // namespace ndx::tools::verify
