// An anchor as files and commands for an auditor (kiểm toán viên) who has openssl and nothing else.
//
// Thread-safety: thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ndx/anchors/anchor_ledger.h"
#include "ndx/anchors/anchor_store.h"

namespace ndx::anchors {

struct AuditorFiles {
  std::map<std::string, std::string> files;  // content by file name
  // To be run beside the files; each ends with exit status 0 only if it verifies.
  std::vector<std::string> commands;
};

// The anchor's own files as AnchorStore names them, and for every Ed25519 signature of a key of the
// trust the signed bytes, the signature and the key as openssl reads them. authority_pem: the
// certificates of each time-stamp authority. kInvalidArgument for an anchor that is malformed;
// whether it verifies is what the commands are for.
absl::StatusOr<AuditorFiles> FilesForAuditor(
    const StoredAnchor& anchor, const AnchorTrust& trust,
    const std::map<std::string, std::string>& authority_pem);

// An Ed25519 public key as PEM (SubjectPublicKeyInfo, RFC 8410).
std::string PublicKeyPem(const std::string& public_key);

}  // namespace ndx::anchors
