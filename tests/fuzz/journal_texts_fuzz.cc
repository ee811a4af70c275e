// Texts that prove something, from whoever shows them: notes, checkpoints, cosignatures, receipts,
// requests to witnesses and their answers, keys, lines of leaves. What parses comes back from its
// own text, and nothing verifies that nobody signed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz_check.h"
#include "google/protobuf/stubs/logging.h"
#include "ndx/journal/checkpoint.h"
#include "ndx/journal/cosignature.h"
#include "ndx/journal/key_rotation.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/leaf_line.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/signed_note.h"
#include "ndx/journal/witness_request.h"

namespace {

namespace journal = ndx::journal;

void ReadNotes(absl::string_view text) {
  if (const auto note = journal::ParseNote(text); note.ok()) {
    FUZZ_CHECK(journal::FormatNote(*note) == text);
    FUZZ_CHECK(note->signatures.size() <= journal::kNoteSignaturesMax);
  }
  if (const auto line = journal::ParseSignatureLine(text); line.ok()) {
    FUZZ_CHECK(journal::FormatSignatureLine(*line) == std::string(text) + "\n");
  }
  if (const auto checkpoint = journal::ParseCheckpoint(text); checkpoint.ok()) {
    FUZZ_CHECK(journal::FormatCheckpoint(*checkpoint) == text);
    FUZZ_CHECK(journal::ParseForeignCheckpoint(text)->extensions.empty());
  }
  journal::ParseForeignCheckpoint(text).IgnoreError();
  if (const auto key = journal::NoteVerifier::FromVkey(text); key.ok()) {
    FUZZ_CHECK(key->vkey() == text);
    FUZZ_CHECK(!key->Verify("text\n", std::string(64, '\1')));
  }
  if (const auto key = journal::CosignatureVerifier::FromVkey(text); key.ok()) {
    FUZZ_CHECK(key->vkey() == text);
  }
}

void ReadWitnessing(absl::string_view text) {
  if (const auto request = journal::ParseWitnessRequest(text); request.ok()) {
    FUZZ_CHECK(request->proof.size() <= journal::kWitnessProofHashesMax);
    FUZZ_CHECK(journal::FormatWitnessRequest(*request) == text);
    const auto judged = journal::JudgeWitnessRequest(
        *request, {}, [](const std::string&) { return std::optional<journal::TreeHead>(); });
    FUZZ_CHECK(judged.status != 200);
  }
  if (const auto lines = journal::ParseSignatureLines(text); lines.ok()) {
    FUZZ_CHECK(journal::FormatSignatureLines(*lines) == text);
  }
  journal::ParseWitnessSize(text).IgnoreError();
}

void ReadRecords(absl::string_view text) {
  static const std::string* const key =
      new std::string("example.com/log+f70c0f87+AWjqv6XMC2BUvzr7CZYWgvWOjgCY5ahDTw8WU2FQxOKH");
  if (const auto receipt = journal::ParseReceipt(text); receipt.ok()) {
    FUZZ_CHECK(journal::ParseReceipt(journal::FormatReceipt(*receipt)).ok());
    FUZZ_CHECK(!journal::VerifyReceipt(text, {.vkey = *key}).ok());
  }
  if (const auto line = journal::ParseLeafLine(text); line.ok()) {
    FUZZ_CHECK(journal::FormatLeafLine(line->index, line->bytes).ok());
  }
  if (const auto leaf = journal::DecodeLeaf(text); leaf.ok()) {
    journal::FormatLeafLine(1, text).IgnoreError();
  }
  if (const auto rotation = journal::ParseKeyRotation(text); rotation.ok()) {
    FUZZ_CHECK(journal::FormatKeyRotation(*rotation) == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const google::protobuf::LogSilencer silence;  // it prints what is no UTF-8
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  ReadNotes(text);
  ReadWitnessing(text);
  ReadRecords(text);
  return 0;
}
