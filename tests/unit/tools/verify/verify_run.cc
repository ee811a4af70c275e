#include "ndx/tests/unit/tools/verify/verify_run.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/tile_export.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tests {

VerifyRun RunVerify(const std::vector<std::string>& arguments, core::Language language) {
  std::vector<const char*> argv = {"ndx-verify"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  VerifyRun run;
  run.code =
      tools::verify::VerifyLine(out, err, language).Run(static_cast<int>(argv.size()), argv.data());
  run.out = out.str();
  run.err = err.str();
  return run;
}

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

void WriteAll(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

void FlipByte(const std::string& path, size_t at) {
  std::string bytes = ReadAll(path);
  NDX_CHECK(at < bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  WriteAll(path, bytes);
}

LogDirectory::LogDirectory(uint64_t size, const std::string& origin)
    : signer_(journal::NoteSigner::Create(
                  origin, crypto::Ed25519PrivateKey::FromSeed(std::string(32, 's')).value())
                  .value()) {
  WriteAll(key_file(), absl::StrCat("# the log's key\n\n", signer_.verifier().vkey(), "\n"));
  std::vector<std::string> leaves;
  for (uint64_t i = 0; i < size; ++i) leaves.push_back(absl::StrCat("leaf ", i));
  Export(leaves);
}

void LogDirectory::Export(const std::vector<std::string>& leaves) {
  leaves_ = leaves;
  std::filesystem::remove_all(directory());
  std::vector<journal::TreeHash> hashes;
  auto made = journal::TileExport::Open(directory());
  NDX_CHECK(made.ok());
  for (const std::string& leaf : leaves) {
    NDX_CHECK(made->Add(leaf).ok());
    hashes.push_back(journal::LeafHash(leaf));
  }
  const journal::Checkpoint checkpoint{
      .origin = signer_.verifier().name(),
      .head = {.size = leaves.size(), .root = journal::RootOf(hashes)}};
  NDX_CHECK(made->Finish(journal::SignCheckpoint(checkpoint, signer_)).ok());
}

void LogDirectory::Sign(const std::string& text) {
  journal::Note note{.text = text};
  note.signatures.push_back(signer_.Sign(text));
  WriteAll(File("checkpoint"), journal::FormatNote(note));
}

VerifyRun LogDirectory::Verify(std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"tiles", "--key-file", key_file(), directory()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return RunVerify(arguments);
}

}  // namespace ndx::tests
