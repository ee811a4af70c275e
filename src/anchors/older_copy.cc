#include "ndx/anchors/older_copy.h"

#include "absl/strings/str_cat.h"
#include "ndx/journal/witness_request.h"

namespace ndx::anchors {
namespace {

absl::Status Contradicted(const WitnessPeer& peer, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(
      "the journal does not start: the witness ", peer.verifier.name(), " has cosigned ", what,
      ". This is an older or a changed copy of the journal. Put the newest one in its place, or "
      "open "
      "a new epoch, whose first record names the last checkpoint of this copy (ndxd "
      "--open-new-epoch)."));
}

}  // namespace

absl::Status RefuseOlderCopy(const std::vector<WitnessPeer>& peers, http::HttpPoster& poster,
                             const std::string& newest, const journal::TreeHead& head) {
  for (const WitnessPeer& peer : peers) {
    // The size is claimed to be the witness's own: if it is not, the witness says which is.
    const auto response =
        poster.Post({.url = absl::StrCat(peer.url, "/add-checkpoint"),
                     .content_type = "text/plain; charset=utf-8",
                     .accept = "",
                     .body = journal::FormatWitnessRequest(
                         {.old_size = head.size, .proof = {}, .checkpoint = newest})});
    if (!response.ok()) continue;
    if (response->status == 422) {
      return Contradicted(peer, absl::StrCat("other records than the ", head.size,
                                             " that this journal has signed"));
    }
    if (response->status != 409) continue;
    const auto size = journal::ParseWitnessSize(response->body);
    if (size.ok() && *size > head.size) {
      return Contradicted(peer,
                          absl::StrCat(*size, " records, and this journal has signed ", head.size));
    }
  }
  return absl::OkStatus();
}

}  // namespace ndx::anchors
