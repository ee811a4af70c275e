// Anchors of a journal in a directory of files: written for an auditor, and verified there without
// a node.
//
// Thread-safety: thread-safe for different directories.
// Files beside those of anchors/auditor_files.h: journal.vkey; witnesses.vkeys, one a line;
// newest.checkpoint; <size>.consistency, the base64 hashes that lead from an anchor to it;
// <authority>.pem; verify.sh with the commands.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/anchors/anchor_ledger.h"
#include "ndx/console/v1/operator_service.pb.h"

namespace ndx::tools::ndxctl {

// Writes the anchors of answers (with include_files) into a directory that must not exist yet, or
// be empty.
absl::Status WriteAnchorFiles(const std::vector<console::v1::ListAnchorsResponse>& pages,
                              const std::string& directory);

// Whose signatures count; what is empty is taken from the directory itself, which then proves only
// that its files agree with each other.
struct AnchorKeyFiles {
  std::string journal_vkey_file;
  std::string witness_vkeys_file;
  std::map<std::string, std::string> authority_files;  // PEM by authority
};

// Verifies every anchor of such a directory, newest first, as the node itself lists them.
absl::StatusOr<std::vector<console::v1::Anchor>> VerifyAnchorFiles(const std::string& directory,
                                                                   const AnchorKeyFiles& keys);

// Nothing is wrong with it, somebody vouches for it, and the newest checkpoint continues it.
bool IsGood(const console::v1::Anchor& anchor);

}  // namespace ndx::tools::ndxctl
