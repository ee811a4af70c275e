// ndx-verify run inside the test, and logs to run it on.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "ndx/core/refusal.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tests/support/temp_dir.h"

namespace ndx::tests {

struct VerifyRun {
  int code = 0;
  std::string out;
  std::string err;
};

VerifyRun RunVerify(const std::vector<std::string>& arguments,
                    core::Language language = core::Language::kEnglish);

std::string ReadAll(const std::string& path);
void WriteAll(const std::string& path, const std::string& bytes);
// Changes one byte of a file.
void FlipByte(const std::string& path, size_t at);

// A directory of tiles of a log of its own with texts as leaves, signed by its key.
class LogDirectory {
 public:
  explicit LogDirectory(uint64_t size, const std::string& origin = "node/journal/1");

  // The tree of other leaves, signed by the same key.
  void Export(const std::vector<std::string>& leaves);
  // A checkpoint note over the text.
  void Sign(const std::string& text);

  const std::vector<std::string>& leaves() const { return leaves_; }
  std::string directory() const { return space_.File("log"); }
  std::string File(const std::string& name) const { return directory() + "/" + name; }
  std::string key_file() const { return space_.File("key"); }
  const TempDir& space() const { return space_; }
  const journal::NoteSigner& signer() const { return signer_; }

  VerifyRun Verify(std::vector<std::string> more = {}) const;

 private:
  TempDir space_;
  journal::NoteSigner signer_;
  std::vector<std::string> leaves_;
};

}  // namespace ndx::tests
