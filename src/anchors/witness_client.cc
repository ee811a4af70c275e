#include "ndx/anchors/witness_client.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/witness_request.h"

namespace ndx::anchors {
namespace {

constexpr size_t kReasonBytesMax = 200;

}  // namespace

absl::StatusOr<http::HttpResponse> WitnessClient::Ask(const std::string& checkpoint,
                                                      const journal::TreeHead& head) {
  journal::WitnessRequest request{.old_size = size_known_, .checkpoint = checkpoint};
  if (size_known_ > 0) {
    NDX_ASSIGN_OR_RETURN(request.proof, reader_.ConsistencyProof(size_known_, head.size));
  }
  return poster_.Post({.url = absl::StrCat(peer_.url, "/add-checkpoint"),
                       .content_type = "text/plain; charset=utf-8",
                       .body = journal::FormatWitnessRequest(request)});
}

absl::StatusOr<journal::NoteSignature> WitnessClient::Cosign(const std::string& checkpoint,
                                                             const journal::TreeHead& head) {
  // A witness that was restored, or is asked after a restart of this node, says what it has.
  if (size_known_ > head.size) size_known_ = 0;
  NDX_ASSIGN_OR_RETURN(http::HttpResponse response, Ask(checkpoint, head));
  if (response.status == 409) {
    NDX_ASSIGN_OR_RETURN(const uint64_t size, journal::ParseWitnessSize(response.body));
    if (size > head.size) {
      return absl::DataLossError(absl::StrCat("the witness has cosigned ", size,
                                              " leaves, but this journal has signed ", head.size));
    }
    size_known_ = size;
    NDX_ASSIGN_OR_RETURN(response, Ask(checkpoint, head));
  }
  if (response.status == 422) {
    return absl::DataLossError(absl::StrCat("this journal does not continue the ", size_known_,
                                            " leaves that the witness has cosigned"));
  }
  if (response.status != 200) {
    return absl::UnavailableError(absl::StrCat("the witness answered ", response.status, ": ",
                                               response.body.substr(0, kReasonBytesMax)));
  }
  NDX_ASSIGN_OR_RETURN(const journal::Note note, journal::ParseNote(checkpoint));
  NDX_ASSIGN_OR_RETURN(const std::vector<journal::NoteSignature> signatures,
                       journal::ParseSignatureLines(response.body));
  for (const journal::NoteSignature& signature : signatures) {
    if (!peer_.verifier.Verify(note.text, signature).has_value()) continue;
    size_known_ = head.size;
    return signature;
  }
  return absl::PermissionDeniedError("the witness's answer holds no cosignature of its key");
}

}  // namespace ndx::anchors
