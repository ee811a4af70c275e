#include "ndx/anchors/auditor_files.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::anchors {
namespace {

// SEQUENCE { SEQUENCE { OBJECT ED25519 } BIT STRING of 32 bytes } up to the key.
constexpr absl::string_view kEd25519Prefix("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr size_t kTimeBytes = 8;

struct PlainSignature {
  std::string file;  // name without ending
  std::string message;
  std::string signature;
  std::string public_key;
};

void Add(const PlainSignature& signature, AuditorFiles& out) {
  out.files[signature.file + ".message"] = signature.message;
  out.files[signature.file + ".sig"] = signature.signature;
  out.files[signature.file + ".pem"] = PublicKeyPem(signature.public_key);
  out.commands.push_back(absl::StrCat("openssl pkeyutl -verify -pubin -inkey ", signature.file,
                                      ".pem -rawin -in ", signature.file, ".message -sigfile ",
                                      signature.file, ".sig"));
}

void AddOwnSignatures(const journal::Note& note, const AnchorTrust& trust, const std::string& base,
                      AuditorFiles& out) {
  for (const journal::NoteSignature& signature : note.signatures) {
    for (const journal::NoteVerifier& verifier : trust.journal) {
      if (verifier.name() != signature.name || verifier.key_id() != signature.key_id) continue;
      Add({.file = absl::StrFormat("%sjournal-%08x", base, signature.key_id),
           .message = note.text,
           .signature = signature.bytes,
           .public_key = verifier.public_key()},
          out);
    }
  }
}

void AddCosignatures(const journal::Note& note, const AnchorTrust& trust, const std::string& base,
                     AuditorFiles& out) {
  for (const journal::NoteSignature& signature : note.signatures) {
    for (const journal::CosignatureVerifier& witness : trust.witnesses.witnesses) {
      if (!witness.Owns(signature) || signature.bytes.size() <= kTimeBytes) continue;
      const auto time = core::ReadBigEndian<uint64_t>(signature.bytes);
      Add({.file = absl::StrFormat("%switness-%08x", base, signature.key_id),
           .message = journal::CosignedMessage(note.text, time),
           .signature = signature.bytes.substr(kTimeBytes),
           .public_key = witness.public_key()},
          out);
    }
  }
}

}  // namespace

std::string PublicKeyPem(const std::string& public_key) {
  return absl::StrCat("-----BEGIN PUBLIC KEY-----\n",
                      absl::Base64Escape(absl::StrCat(kEd25519Prefix, public_key)),
                      "\n-----END PUBLIC KEY-----\n");
}

absl::StatusOr<AuditorFiles> FilesForAuditor(
    const StoredAnchor& anchor, const AnchorTrust& trust,
    const std::map<std::string, std::string>& authority_pem) {
  AuditorFiles out;
  const std::string base = AnchorFileName(anchor.tree_size, "");
  NDX_ASSIGN_OR_RETURN(const journal::Note plain, journal::ParseNote(anchor.checkpoint));
  out.files[base + "checkpoint"] = anchor.checkpoint;
  AddOwnSignatures(plain, trust, base, out);
  if (!anchor.cosigned.empty()) {
    NDX_ASSIGN_OR_RETURN(const journal::Note cosigned, journal::ParseNote(anchor.cosigned));
    out.files[base + "cosigned"] = anchor.cosigned;
    AddCosignatures(cosigned, trust, base, out);
  }
  for (const auto& [authority, answer] : anchor.tokens) {
    const std::string token = absl::StrCat(base, authority, ".tsr");
    out.files[token] = answer;
    const auto pem = authority_pem.find(authority);
    if (pem == authority_pem.end()) continue;
    out.files[authority + ".pem"] = pem->second;
    // As of the token's own time where that is known, so that it verifies for ever.
    const auto known = trust.authorities.find(authority);
    std::string at;
    if (known != trust.authorities.end()) {
      const auto stamp = crypto::VerifyTimeStampAnswer(
          answer, crypto::Sha256Of({anchor.checkpoint}), std::nullopt, known->second);
      if (stamp.ok()) at = absl::StrCat(" -attime ", absl::ToUnixSeconds(stamp->time));
    }
    out.commands.push_back(absl::StrCat("openssl ts -verify -in ", token, " -data ", base,
                                        "checkpoint -CAfile ", authority, ".pem -partial_chain",
                                        at));
  }
  return out;
}

}  // namespace ndx::anchors
