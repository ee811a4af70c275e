// Whether a journal that is about to be opened is an older copy of itself: its witnesses are asked
// what they have cosigned, before anything is signed with it again.
//
// Thread-safety: thread-safe where the poster is. Blocks for as long as the poster does, once for
// each witness.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ndx/anchors/witness_client.h"
#include "ndx/http/http_client.h"
#include "ndx/journal/merkle.h"

namespace ndx::anchors {

// newest: the journal's newest checkpoint, as note, and what it states. kDataLoss, naming the
// witness and what to do, if one has cosigned more or something else. A witness that gives no
// answer, or none that can be read, contradicts nothing: it is asked again while the node serves.
absl::Status RefuseOlderCopy(const std::vector<WitnessPeer>& peers, http::HttpPoster& poster,
                             const std::string& newest, const journal::TreeHead& head);

}  // namespace ndx::anchors
