// A checkpoint of anybody's log, its signatures checked: what `note` and `tiles` begin with.
//
// Thread-safety: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ndx/journal/checkpoint.h"
#include "ndx/journal/cosignature.h"
#include "ndx/journal/signed_note.h"
#include "ndx/tools/verify/verdict.h"

namespace ndx::tools::verify {

// Says in the verdict whose signatures verify and whose are not known. nullopt, with the problem in
// the verdict, if no known key signed or a known key's signature is wrong. Where no key of a signer
// is given a cosigner's must do.
std::optional<journal::Note> CheckSignatures(
    const std::string& note, const std::vector<journal::NoteVerifier>& keys, Verdict& verdict,
    const std::vector<journal::CosignatureVerifier>& cosigners = {});

// Says what a checkpoint states and what of it is not interpreted: lines after the third, a key
// that is named differently from the origin.
void DescribeCheckpoint(const journal::ForeignCheckpoint& checkpoint, const journal::Note& note,
                        const std::vector<journal::NoteVerifier>& keys, Verdict& verdict);

// The signed note within an earlier proof of a receipt's kind (tlog-proof), or the text itself if
// it is none.
std::string NoteWithin(const std::string& text);

}  // namespace ndx::tools::verify
