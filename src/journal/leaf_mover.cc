#include "leaf_mover.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "ndx/core/big_endian.h"
#include "ndx/core/status_macros.h"

namespace ndx::journal {
namespace {

bool EndsOrDoubts(v1::JournalEvent event) {
  return event == v1::JOURNAL_EVENT_ANSWERED || event == v1::JOURNAL_EVENT_FAILED ||
         event == v1::JOURNAL_EVENT_IN_DOUBT || event == v1::JOURNAL_EVENT_RESOLVED;
}

std::vector<std::string> Union(const std::vector<std::string>& a,
                               const std::vector<std::string>& b) {
  std::vector<std::string> out;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  return out;
}

const google::protobuf::RepeatedField<uint32_t>& PositionsOf(const v1::MovedKeys& keys,
                                                             const v1::MovedPartKey& part) {
  const uint32_t group = part.group_plus_one();
  const bool grouped = group > 0 && group <= static_cast<uint32_t>(keys.groups_size());
  return grouped ? keys.groups(static_cast<int>(group - 1)).subjects() : part.subjects();
}

void SortOnce(std::vector<std::string>* texts) {
  std::sort(texts->begin(), texts->end());
  texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
}

}  // namespace

const MethodTypes& LeafMover::TypesOf(const std::string& method) {
  const auto [at, fresh] = types_.try_emplace(method);
  if (fresh && parts_.types) at->second = parts_.types(method);
  return at->second;
}

const std::string& LeafMover::IdOf(const std::string& subject) {
  const auto [at, fresh] = ids_.try_emplace(subject);
  if (fresh) at->second = parts_.subjects.IdOf(subject);
  return at->second;
}

absl::StatusOr<v1::KeyedReference> LeafMover::ReferenceTo(const std::string& subject,
                                                          uint32_t year) {
  const auto [at, fresh] = references_.try_emplace({year, subject});
  if (fresh) {
    auto made = parts_.keys.ring().Reference(ReferenceKind::kSubject, subject, year,
                                             /*create=*/true);
    if (!made.ok()) {
      references_.erase(at);
      return made.status();
    }
    at->second = *std::move(made);
  }
  return at->second;
}

// Whom a part names, also among all those named in its direction.
void LeafMover::AddSubjects(const std::vector<std::string>& subjects, PartToMove* part,
                            Side* side) {
  for (const std::string& subject : subjects) {
    part->subjects.push_back(IdOf(subject));
    side->subjects.push_back(subject);
  }
  SortOnce(&part->subjects);
}

absl::Status LeafMover::Open(const StoredLeaf& leaf, const v1::StoredPayloads& payloads,
                             Direction direction, const LeafKeys& keys,
                             const google::protobuf::Descriptor* type, Side* side) {
  const v1::PayloadCommitment& commitment =
      direction == Direction::kRequest ? leaf.leaf.request() : leaf.leaf.response();
  side->parts.resize(commitment.parts());
  const bool moves = !keys.exchange_key().empty();
  for (uint32_t i = 0; moves && i < commitment.parts(); ++i) {
    NDX_ASSIGN_OR_RETURN(side->parts[i].key, keys.Part(direction, i));
  }
  // The signature names nobody: it stays shut.
  const auto key_of = [&](uint32_t part) -> absl::StatusOr<crypto::SecretBytes> {
    if (part == kSignaturePart) return absl::NotFoundError("not asked for");
    if (moves && part < side->parts.size()) return side->parts[part].key.Clone();
    return keys.Part(direction, part);
  };
  auto opened = moves ? parts_.reader.OpenStored(leaf, payloads, direction, key_of)
                      : parts_.reader.OpenStored(leaf, payloads, direction, keys);
  // Damaged: its keys are moved all the same, so that what is left of it can still be looked at.
  if (absl::IsDataLoss(opened.status())) return absl::OkStatus();
  NDX_RETURN_IF_ERROR(opened.status());
  opened->erase(std::remove_if(opened->begin(), opened->end(),
                               [](const Part& p) { return p.kind == PartKind::kSignature; }),
                opened->end());
  if (opened->size() != side->parts.size()) return absl::OkStatus();
  const auto subjects = SubjectsOf(type, *opened);
  for (size_t i = 0; i < subjects.size(); ++i) AddSubjects(subjects[i], &side->parts[i], side);
  SortOnce(&side->subjects);
  for (size_t i = 0; moves && i < opened->size(); ++i) {
    PartToMove& part = side->parts[i];
    part.offset = OffsetOf((*opened)[i]);
    if (opened->size() == 1) {
      part.commitment = commitment.root();  // the root of one leaf is its hash
      continue;
    }
    const crypto::Digest made =
        PartCommitment(CommitmentSalt(part.key.view()), (*opened)[i].plaintext);
    part.commitment = std::string(crypto::AsBytes(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<LeafKeys> LeafMover::Find(const Stored& stored, uint64_t key_leaf,
                                         const v1::WrappedExchangeKey& wrap) const {
  const auto request = requests_.find(key_leaf);
  if (request != requests_.end() && !request->second->exchange_key.empty()) {
    return LeafKeys(request->second->exchange_key.Clone());
  }
  if (key_leaf == stored.index && stored.wrapped) {
    auto key = parts_.keys.ring().Unwrap(wrap);
    if (key.ok()) return LeafKeys(*std::move(key));
    if (!absl::IsNotFound(key.status())) return key.status();
  }
  return parts_.keys.Of(stored.index, key_leaf);
}

absl::StatusOr<std::optional<LeafKeys>> LeafMover::KeysOf(Stored& stored, uint64_t key_leaf,
                                                          const v1::WrappedExchangeKey& wrap) {
  auto keys = Find(stored, key_leaf, wrap);
  // Gone already: there is nothing that could be moved. Damaged: it is left where it is.
  stored.damaged |= absl::IsDataLoss(keys.status());
  if (absl::IsNotFound(keys.status()) || stored.damaged) return std::optional<LeafKeys>();
  NDX_RETURN_IF_ERROR(keys.status());
  stored.exchange_key = crypto::SecretBytes(keys->exchange_key());
  stored.movable = !stored.exchange_key.empty();
  stored.moved = !stored.movable;
  return std::optional<LeafKeys>(*std::move(keys));
}

absl::StatusOr<LeafMover::SharedStored> LeafMover::Read(const StoredLeaf& leaf) {
  if (const SharedStored unmoved = Take(leaf); unmoved != nullptr) return unmoved;
  auto stored = std::make_shared<Stored>();
  stored->index = leaf.index;
  stored->exchange_id = leaf.leaf.exchange_id();
  stored->first = leaf.leaf.caused_by_plus_one() == 0;
  NDX_ASSIGN_OR_RETURN(const auto wrap_bytes, wraps_.Find(WrapKeyKey(leaf.index)));
  v1::WrappedExchangeKey wrap;
  if (wrap_bytes.has_value()) {
    stored->wrapped = wrap.ParseFromArray(wrap_bytes->data(), static_cast<int>(wrap_bytes->size()));
    stored->damaged = !stored->wrapped;
  }
  if (!HasStoredPayload(leaf.leaf)) return stored;
  NDX_ASSIGN_OR_RETURN(const auto bytes, payloads_.Find(LeafKey(leaf.index)));
  v1::StoredPayloads payloads;
  if (!bytes.has_value()) return stored;
  if (!payloads.ParseFromArray(bytes->data(), static_cast<int>(bytes->size()))) {
    return absl::DataLossError(
        absl::StrCat("leaf ", leaf.index, ": its payload's place is unreadable"));
  }
  if (!payloads.has_request() && !payloads.has_response()) return stored;
  NDX_ASSIGN_OR_RETURN(const auto keys, KeysOf(*stored, payloads.key_leaf(), wrap));
  if (!keys.has_value()) return stored;
  const MethodTypes& types = TypesOf(leaf.leaf.method());
  if (payloads.has_request()) {
    NDX_RETURN_IF_ERROR(
        Open(leaf, payloads, Direction::kRequest, *keys, types.request, &stored->request));
    if (stored->movable && !leaf.leaf.signature_commitment().empty()) {
      PartToMove& signature = stored->signature.emplace_back();
      NDX_ASSIGN_OR_RETURN(signature.key, keys->Part(Direction::kSignature, 0));
      signature.commitment = leaf.leaf.signature_commitment();
    }
  }
  if (payloads.has_response()) {
    NDX_RETURN_IF_ERROR(
        Open(leaf, payloads, Direction::kResponse, *keys, types.response, &stored->response));
  }
  return stored;
}

LeafMover::SharedStored LeafMover::Take(const StoredLeaf& leaf) {
  const std::unique_ptr<UnmovedLeaf> unmoved = parts_.unmoved.Take(leaf.index);
  if (unmoved == nullptr) return nullptr;
  auto stored = std::make_shared<Stored>();
  stored->index = leaf.index;
  stored->exchange_id = leaf.leaf.exchange_id();
  stored->first = leaf.leaf.caused_by_plus_one() == 0;
  stored->wrapped = unmoved->wrapped;
  stored->movable = true;
  const auto take = [this](std::vector<UnmovedPart>& parts, Side* side) {
    for (UnmovedPart& part : parts) {
      PartToMove& to_move = side->parts.emplace_back();
      to_move.key = std::move(part.key);
      to_move.commitment = std::move(part.commitment);
      to_move.offset = part.offset;
      AddSubjects(part.subjects, &to_move, side);
    }
    SortOnce(&side->subjects);
  };
  take(unmoved->request, &stored->request);
  take(unmoved->response, &stored->response);
  Side nobody;
  take(unmoved->signature, &nobody);
  stored->signature = std::move(nobody.parts);
  return stored;
}

// The leaf with the request of the exchange that this one continues; null if it continues none.
absl::StatusOr<LeafMover::SharedStored> LeafMover::FirstOf(const StoredLeaf& leaf) {
  const auto known = requests_.find(leaf.leaf.caused_by_plus_one() - 1);
  if (known != requests_.end() && known->second->first &&
      known->second->exchange_id == leaf.leaf.exchange_id()) {
    return known->second;
  }
  NDX_ASSIGN_OR_RETURN(const StoredLeaf first, parts_.reader.RequestLeafOf(leaf));
  if (first.index == leaf.index) return SharedStored();
  if (const auto found = requests_.find(first.index); found != requests_.end()) {
    return found->second;
  }
  NDX_ASSIGN_OR_RETURN(const SharedStored stored, Read(first));
  stored->earlier = true;
  requests_[first.index] = stored;
  return stored;
}

absl::StatusOr<std::vector<std::string>> LeafMover::SubjectsOfExchange(const Stored& first,
                                                                       const Stored& last) {
  std::set<std::string> ids;
  for (const std::string& subject : first.request.subjects) ids.insert(IdOf(subject));
  // Of a request that was moved before, and perhaps erased in part since. One whose exchange key is
  // still kept was not.
  if (!first.wrapped) {
    const auto moved = parts_.subjects.Moved(first.index);
    if (moved.ok()) {
      for (const v1::MovedPartKey& part : moved->request()) {
        for (const uint32_t position : PositionsOf(*moved, part)) {
          if (position < static_cast<uint32_t>(moved->subjects_size())) {
            ids.insert(moved->subjects(static_cast<int>(position)).id());
          }
        }
      }
    }
  }
  if (ids.empty()) {
    const auto all = Union(first.request.subjects, last.response.subjects);
    if (all.size() == 1) ids.insert(IdOf(all.front()));
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

absl::Status LeafMover::Move(Stored& stored, const std::vector<std::string>& of_exchange,
                             KeyMove* move) {
  LeafToMove leaf{.index = stored.index};
  if (stored.movable) {
    std::set<std::string> of_request(of_exchange.begin(), of_exchange.end());
    for (PartToMove& part : stored.request.parts) {
      if (part.subjects.empty()) part.subjects = of_exchange;
      of_request.insert(part.subjects.begin(), part.subjects.end());
    }
    for (PartToMove& part : stored.response.parts) {
      if (part.subjects.empty()) part.subjects = of_exchange;
    }
    // A signature over a body that can be guessed tells as much as the body.
    for (PartToMove& part : stored.signature) {
      part.subjects.assign(of_request.begin(), of_request.end());
    }
    leaf.request = std::move(stored.request.parts);
    leaf.response = std::move(stored.response.parts);
    leaf.signature = std::move(stored.signature);
  }
  return move->Add(leaf);
}

absl::Status LeafMover::AddReferences(const StoredLeaf& leaf, const Stored& first,
                                      const Stored& last, KeyMove* move) {
  v1::LeafSubjects out;
  std::set<std::string> seen;
  const uint32_t year = KeyRing::YearOf(absl::FromUnixNanos(leaf.leaf.time_unix_ns()));
  for (const std::string& text : Union(first.request.subjects, last.response.subjects)) {
    NDX_ASSIGN_OR_RETURN(*out.add_subjects(), ReferenceTo(text, year));
    seen.insert(out.subjects().rbegin()->hmac());
  }
  if (first.earlier) {
    // Those that were found when the request could still be read.
    NDX_ASSIGN_OR_RETURN(const v1::LeafSubjects before, parts_.subjects.SubjectsOf(first.index));
    for (const v1::KeyedReference& reference : before.subjects()) {
      if (seen.insert(reference.hmac()).second) *out.add_subjects() = reference;
    }
  }
  if (out.subjects_size() > 0) move->AddSubjects(last.index, out);
  return absl::OkStatus();
}

absl::Status LeafMover::Follow(const StoredLeaf& leaf, KeyMove* move, std::vector<uint64_t>* done) {
  if (leaf.leaf.exchange_id().empty()) return absl::OkStatus();
  SharedStored earlier;
  if (EndsOrDoubts(leaf.leaf.event()) && leaf.leaf.caused_by_plus_one() != 0) {
    NDX_ASSIGN_OR_RETURN(earlier, FirstOf(leaf));
  }
  NDX_ASSIGN_OR_RETURN(const SharedStored last, Read(leaf));
  const Stored& first = earlier != nullptr ? *earlier : *last;
  NDX_RETURN_IF_ERROR(AddReferences(leaf, first, *last, move));
  if (leaf.leaf.event() == v1::JOURNAL_EVENT_REQUEST_OPENED) {
    requests_[leaf.index] = last;
    return absl::OkStatus();
  }
  NDX_ASSIGN_OR_RETURN(const std::vector<std::string> of_exchange,
                       SubjectsOfExchange(first, *last));
  std::vector<Stored*> leaves = {last.get()};
  if (earlier != nullptr) leaves.push_back(earlier.get());
  for (Stored* stored : leaves) {
    if (stored->damaged) continue;
    // Its own key, or that of the exchange that it closes.
    const bool here =
        stored->wrapped || (stored == last.get() && earlier != nullptr && stored->movable);
    if (here && !stored->moved && !move->Holds(stored->index)) {
      NDX_RETURN_IF_ERROR(Move(*stored, of_exchange, move));
    }
    if (stored->wrapped) done->push_back(stored->index);
  }
  return absl::OkStatus();
}

}  // namespace ndx::journal
