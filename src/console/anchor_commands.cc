// The operator method that lists the journal's anchors and gives their files.
#include <algorithm>
#include <limits>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/operator_commands.h"

namespace ndx::console {
namespace {

constexpr uint32_t kPageRowsDefault = 50;
constexpr uint32_t kPageRowsMax = 500;
constexpr uint32_t kPageRowsMaxWithFiles = 20;

void FillTimeStamp(const OperatorNode& node, const anchors::JudgedTimeStamp& judged,
                   const anchors::StoredAnchor& stored, bool files, v1::AnchorTimeStamp& out) {
  out.set_authority(judged.authority);
  out.set_fault(judged.fault);
  if (judged.time.has_value()) *out.mutable_time() = ToTimestamp(*judged.time);
  if (!files) return;
  out.set_response(stored.tokens.at(judged.authority));
  const auto pem = node.authority_pem->find(judged.authority);
  if (pem != node.authority_pem->end()) out.set_certificates(pem->second);
}

v1::Anchor AnchorOf(const OperatorNode& node, const anchors::AnchorLedger::Entry& entry,
                    bool files) {
  v1::Anchor anchor;
  anchor.set_tree_size(entry.stored.tree_size);
  anchor.set_consistent(entry.consistent);
  anchor.set_fault(entry.judged.fault);
  for (const auto& cosignature : entry.judged.cosignatures) {
    auto& out = *anchor.add_cosignatures();
    out.set_witness(cosignature.witness);
    *out.mutable_time() =
        ToTimestamp(absl::FromUnixSeconds(static_cast<int64_t>(cosignature.unix_seconds)));
  }
  for (const anchors::JudgedTimeStamp& stamp : entry.judged.time_stamps) {
    FillTimeStamp(node, stamp, entry.stored, files, *anchor.add_time_stamps());
  }
  if (!files) return anchor;
  anchor.set_checkpoint(entry.stored.checkpoint);
  anchor.set_cosigned(entry.stored.cosigned);
  for (const journal::TreeHash& hash : entry.proof) {
    anchor.add_consistency_proof(hash.data(), hash.size());
  }
  return anchor;
}

absl::StatusOr<std::vector<uint64_t>> SizesOf(const OperatorNode& node,
                                              const v1::ListAnchorsRequest& request) {
  uint64_t below = std::numeric_limits<uint64_t>::max();
  if (!request.cursor().empty() && !absl::SimpleAtoi(request.cursor(), &below)) {
    return absl::InvalidArgumentError("the cursor is not one of this node's");
  }
  if (request.tree_size() == 0) return node.anchors->SizesBelow(below);
  return std::vector<uint64_t>{request.tree_size()};
}

absl::StatusOr<v1::ListAnchorsResponse> ListAnchors(const OperatorNode& node,
                                                    const v1::ListAnchorsRequest& request) {
  if (node.anchors == nullptr) return absl::UnimplementedError("this node keeps no anchors");
  if (request.page_size() > kPageRowsMax) {
    return absl::InvalidArgumentError(absl::StrCat("a page has at most ", kPageRowsMax, " rows"));
  }
  uint32_t rows = request.page_size() == 0 ? kPageRowsDefault : request.page_size();
  if (request.include_files()) rows = std::min(rows, kPageRowsMaxWithFiles);
  v1::ListAnchorsResponse response;
  response.set_newest_checkpoint(node.reader.Checkpoint());
  response.set_vkey(node.keys.vkey());
  for (const journal::JournalKey& key : node.keys.keys()) {
    if (key.state == journal::JournalKeyState::kOverlap ||
        key.state == journal::JournalKeyState::kFormer) {
      response.add_former_vkeys(key.vkey);
    }
  }
  for (const auto& witness : node.anchors->trust().witnesses.witnesses) {
    response.add_witness_vkeys(witness.vkey());
  }
  NDX_ASSIGN_OR_RETURN(const std::vector<uint64_t> sizes, SizesOf(node, request));
  for (const uint64_t size : sizes) {
    if (response.anchors_size() == static_cast<int>(rows)) {
      response.set_next_cursor(
          absl::StrCat(response.anchors(response.anchors_size() - 1).tree_size()));
      break;
    }
    auto entry = node.anchors->Read(size, response.newest_checkpoint());
    // An anchor may be thinned out while the page is made.
    if (absl::IsNotFound(entry.status()) && request.tree_size() == 0) continue;
    if (!entry.ok()) return entry.status();
    *response.add_anchors() = AnchorOf(node, *entry, request.include_files());
  }
  return response;
}

}  // namespace

void AddAnchorMethod(const OperatorNode& node, OperatorMethods& methods) {
  methods.AddUnary<v1::ListAnchorsRequest, v1::ListAnchorsResponse>(
      "ListAnchors", settings::v1::OPERATOR_ROLE_VIEWER,
      [&node](const auto&, const auto& request) { return ListAnchors(node, request); });
}

}  // namespace ndx::console
