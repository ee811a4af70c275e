#include "leaf_mover.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/time/time.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

bool EndsOrDoubts(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_IN_DOUBT || event == v1::JOURNAL_EVENT_RESOLVED;
}

void AddAll(const std::vector<std::vector<std::string>>& lists, std::set<std::string>* out) {
  for (const auto& list : lists) out->insert(list.begin(), list.end());
}

uint32_t OffsetOf(const Part& part) {
  const bool placed = part.kind == PartKind::kElement && part.plaintext.size() >= 4;
  return placed ? core::ReadBigEndian<uint32_t>(part.plaintext) : 0;
}

}  // namespace

absl::Status LeafMover::Open(Stored& stored, Direction direction, const MethodTypes& types) const {
  const bool of_request = direction == Direction::kRequest;
  Side& side = of_request ? stored.request : stored.response;
  auto opened = parts_.reader.OpenStored(stored.leaf, *stored.payloads, direction, *stored.keys);
  // Damaged: its keys are moved all the same, so that what is left of it can still be looked at.
  if (absl::IsDataLoss(opened.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(opened.status());
  opened->erase(std::remove_if(opened->begin(), opened->end(),
                               [](const Part& p) { return p.kind == PartKind::kSignature; }),
                opened->end());
  if (opened->size() != side.parts) return absl::OkStatus();
  side.opened = *std::move(opened);
  side.subjects = SubjectsOf(of_request ? types.request : types.response, side.opened);
  return absl::OkStatus();
}

absl::StatusOr<LeafMover::Stored> LeafMover::Read(const StoredLeaf& leaf,
                                                  const MethodTypes& types) const {
  Stored stored{.leaf = leaf};
  const auto wrap = parts_.keys.ring().WrapOf(leaf.index);
  if (!wrap.ok() && !absl::IsNotFound(wrap.status()) && !absl::IsDataLoss(wrap.status())) {
    return wrap.status();
  }
  stored.wrapped = wrap.ok();
  stored.damaged = absl::IsDataLoss(wrap.status());
  NDX_ASSIGN_OR_RETURN(stored.payloads, parts_.reader.PayloadsOf(leaf.index));
  if (!stored.payloads.has_value()) return stored;
  if (stored.payloads->has_request()) stored.request.parts = leaf.leaf.request().parts();
  if (stored.payloads->has_response()) stored.response.parts = leaf.leaf.response().parts();
  stored.request.subjects.resize(stored.request.parts);
  stored.response.subjects.resize(stored.response.parts);
  if (!stored.payloads->has_request() && !stored.payloads->has_response()) return stored;
  auto keys = parts_.keys.Of(leaf.index, stored.payloads->key_leaf());
  // Gone already: there is nothing that could be moved. Damaged: it is left where it is.
  stored.damaged |= absl::IsDataLoss(keys.status());
  if (absl::IsNotFound(keys.status()) || stored.damaged) return stored;
  NDX_RETURN_IF_ERROR(keys.status());
  stored.keys = *std::move(keys);
  if (stored.payloads->has_request()) {
    NDX_RETURN_IF_ERROR(Open(stored, Direction::kRequest, types));
  }
  if (stored.payloads->has_response()) {
    NDX_RETURN_IF_ERROR(Open(stored, Direction::kResponse, types));
  }
  return stored;
}

std::vector<std::string> LeafMover::SubjectsOfExchange(const Stored& first,
                                                       const Stored& last) const {
  std::set<std::string> texts;
  AddAll(first.request.subjects, &texts);
  std::set<std::string> ids;
  for (const std::string& text : texts) ids.insert(parts_.subjects.IdOf(text));
  // Of a request that was moved before, and perhaps erased in part since.
  if (const auto moved = parts_.subjects.Moved(first.leaf.index); moved.ok()) {
    for (const v1::MovedPartKey& part : moved->request()) {
      for (const uint32_t position : part.subjects()) {
        if (position < static_cast<uint32_t>(moved->subjects_size())) {
          ids.insert(moved->subjects(static_cast<int>(position)).id());
        }
      }
    }
  }
  if (ids.empty()) {
    AddAll(last.response.subjects, &texts);
    if (texts.size() == 1) ids.insert(parts_.subjects.IdOf(*texts.begin()));
  }
  return {ids.begin(), ids.end()};
}

absl::StatusOr<PartToMove> LeafMover::PartOf(const Stored& stored, Direction direction,
                                             uint32_t number,
                                             std::vector<std::string> subjects) const {
  PartToMove part{.subjects = std::move(subjects)};
  NDX_ASSIGN_OR_RETURN(part.key, stored.keys->Part(direction, number));
  if (direction == Direction::kSignature) {
    part.commitment = stored.leaf.leaf.signature_commitment();
    return part;
  }
  const Side& side = direction == Direction::kRequest ? stored.request : stored.response;
  if (side.opened.empty()) return part;
  const Part& opened = side.opened[number];
  const crypto::Digest commitment =
      PartCommitment(CommitmentSalt(part.key.view()), opened.plaintext);
  part.commitment = std::string(crypto::AsBytes(commitment));
  part.offset = OffsetOf(opened);
  return part;
}

absl::Status LeafMover::Move(const Stored& stored, const std::vector<std::string>& of_exchange,
                             KeyMove* move) const {
  LeafToMove leaf{.index = stored.leaf.index};
  std::set<std::string> of_request(of_exchange.begin(), of_exchange.end());
  const auto add = [&](const Side& side, Direction direction,
                       std::vector<PartToMove>* out) -> absl::Status {
    for (uint32_t i = 0; i < side.parts; ++i) {
      std::set<std::string> ids;
      for (const std::string& text : side.subjects[i]) ids.insert(parts_.subjects.IdOf(text));
      if (ids.empty()) ids.insert(of_exchange.begin(), of_exchange.end());
      if (direction == Direction::kRequest) of_request.insert(ids.begin(), ids.end());
      NDX_ASSIGN_OR_RETURN(PartToMove part, PartOf(stored, direction, i, {ids.begin(), ids.end()}));
      out->push_back(std::move(part));
    }
    return absl::OkStatus();
  };
  if (stored.keys.has_value()) {
    NDX_RETURN_IF_ERROR(add(stored.request, Direction::kRequest, &leaf.request));
    NDX_RETURN_IF_ERROR(add(stored.response, Direction::kResponse, &leaf.response));
    if (stored.payloads->has_request() && !stored.leaf.leaf.signature_commitment().empty()) {
      // A signature over a body that can be guessed tells as much as the body.
      NDX_ASSIGN_OR_RETURN(PartToMove part, PartOf(stored, Direction::kSignature, 0,
                                                   {of_request.begin(), of_request.end()}));
      leaf.signature.push_back(std::move(part));
    }
  }
  return move->Add(leaf);
}

absl::Status LeafMover::AddReferences(const Stored& first, const Stored& last,
                                      KeyMove* move) const {
  std::set<std::string> texts;
  AddAll(first.request.subjects, &texts);
  AddAll(last.response.subjects, &texts);
  v1::LeafSubjects out;
  std::set<std::string> seen;
  const absl::Time time = absl::FromUnixNanos(last.leaf.leaf.time_unix_ns());
  for (const std::string& text : texts) {
    NDX_ASSIGN_OR_RETURN(*out.add_subjects(),
                         parts_.keys.ring().Reference(ReferenceKind::kSubject, text,
                                                      KeyRing::YearOf(time), /*create=*/true));
    seen.insert(out.subjects().rbegin()->hmac());
  }
  if (first.leaf.index != last.leaf.index) {
    // Those that were found when the request could still be read.
    NDX_ASSIGN_OR_RETURN(const v1::LeafSubjects before,
                         parts_.subjects.SubjectsOf(first.leaf.index));
    for (const v1::KeyedReference& reference : before.subjects()) {
      if (seen.insert(reference.hmac()).second) *out.add_subjects() = reference;
    }
  }
  if (out.subjects_size() > 0) move->AddSubjects(last.leaf.index, out);
  return absl::OkStatus();
}

absl::Status LeafMover::Follow(const StoredLeaf& leaf, KeyMove* move, std::vector<uint64_t>* done) {
  if (leaf.leaf.exchange_id().empty()) return absl::OkStatus();
  const MethodTypes types = parts_.types ? parts_.types(leaf.leaf.method()) : MethodTypes();
  NDX_ASSIGN_OR_RETURN(const Stored last, Read(leaf, types));
  bool continues = EndsOrDoubts(leaf.leaf.event()) && leaf.leaf.caused_by_plus_one() != 0;
  Stored earlier;
  if (continues) {
    NDX_ASSIGN_OR_RETURN(const StoredLeaf first_leaf, parts_.reader.RequestLeafOf(leaf));
    continues = first_leaf.index != leaf.index;
    if (continues) {
      NDX_ASSIGN_OR_RETURN(earlier, Read(first_leaf, types));
    }
  }
  const Stored& first = continues ? earlier : last;
  NDX_RETURN_IF_ERROR(AddReferences(first, last, move));
  if (leaf.leaf.event() == v1::JOURNAL_EVENT_REQUEST_OPENED) return absl::OkStatus();
  const std::vector<std::string> of_exchange = SubjectsOfExchange(first, last);
  std::vector<const Stored*> leaves = {&last};
  if (continues) leaves.push_back(&first);
  for (const Stored* stored : leaves) {
    if (stored->damaged) continue;
    // Its own key, or that of the exchange that it closes.
    const bool here =
        stored->wrapped || (stored == &last && continues && stored->keys.has_value() &&
                            !stored->keys->exchange_key().empty());
    if (here && !move->Holds(stored->leaf.index)) {
      NDX_RETURN_IF_ERROR(Move(*stored, of_exchange, move));
    }
    if (stored->wrapped) done->push_back(stored->leaf.index);
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal
