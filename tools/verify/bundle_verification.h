// Verifies an evidence bundle: every file by the manifest's digest, every leaf by its receipt,
// every payload by its commitment, all against the journal's public key alone.
//
// Thread-safety: thread-compatible; blocks on the disk.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ndx/crypto/signing_key.h"
#include "ndx/journal/bundle_files.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/v1/evidence_manifest.pb.h"
#include "ndx/tools/verify/message_types.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

class BundleVerification {
 public:
  BundleVerification(const journal::BundleReader& bundle,
                     const std::vector<journal::NoteVerifier>& keys,
                     const std::vector<crypto::SigningPublicKey>& signer_keys, Verdict& verdict)
      : bundle_(bundle), keys_(keys), signer_keys_(signer_keys), verdict_(verdict) {}

  // Verifies all of it and says so in the verdict.
  void Run();

 private:
  bool ReadManifest();
  void CheckDigests();
  void CheckCheckpoint();
  void ReadLeaves();
  void ReadTypes();
  void CheckExchanges();
  void CheckExchange(const journal::v1::EvidenceExchange& exchange);
  // The leaf that commits to the payloads: the newest that says anything of them. What operators
  // did with the exchange may come after it.
  uint64_t PayloadLeaf(const journal::v1::EvidenceExchange& exchange) const;
  void CheckLeaf(const journal::v1::EvidenceExchange& exchange, const journal::LeafLine& line,
                 bool has_payload);
  std::optional<std::vector<std::string>> MessagesIn(const std::string& name);
  void Summarise();

  // The file's bytes; nullopt with the problem in the verdict.
  std::optional<std::string> Read(const std::string& name);
  void Wrong(const std::string& name, const Bilingual& what);

  const journal::BundleReader& bundle_;
  const std::vector<journal::NoteVerifier>& keys_;
  const std::vector<crypto::SigningPublicKey>& signer_keys_;
  Verdict& verdict_;
  journal::v1::EvidenceManifest manifest_;
  std::map<uint64_t, journal::LeafLine> leaves_;
  std::unique_ptr<MessageTypes> types_;
  uint64_t leaves_checked_ = 0;
  uint64_t payloads_checked_ = 0;
  uint64_t payloads_absent_ = 0;
  uint64_t signatures_checked_ = 0;
  uint64_t signatures_not_tried_ = 0;
};

}  // namespace ndx::tools::verify
