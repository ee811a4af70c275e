// Evidence bundles as somebody hands them over: an archive is read, or refused; its names stay
// inside it, and what nobody signed does not hold. And manifests and framed messages by themselves.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "ndx/journal/bundle_files.h"
#include "ndx/journal/evidence_bundle.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tools/verify/bundle_verification.h"

namespace {

namespace journal = ndx::journal;

void ReadArchive(const std::string& bytes) {
  static const auto* const dir = new ndx::tests::TempDir;
  const std::string path = dir->File("bundle.tar");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const auto bundle = journal::BundleReader::Open(path);
  if (!bundle.ok()) return;
  for (const auto& [name, size] : bundle->files()) {
    FUZZ_CHECK(journal::IsBundleName(name));
    const auto content = bundle->Read(name);
    FUZZ_CHECK(!content.ok() || content->size() == size);
  }
  const std::vector<journal::NoteVerifier> nobody;
  ndx::tools::verify::Verdict verdict;
  ndx::tools::verify::BundleVerification(*bundle, nobody, {}, verdict).Run();
  FUZZ_CHECK(!verdict.holds());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  ReadArchive(bytes);
  if (const auto manifest = journal::ParseManifest(bytes); manifest.ok()) {
    FUZZ_CHECK(journal::ParseManifest(journal::FormatManifest(*manifest)).ok());
  }
  if (const auto messages = journal::UnframeMessages(bytes); messages.ok()) {
    FUZZ_CHECK(journal::FrameMessages(*messages) == bytes);
  }
  return 0;
}
