#include "leaf_postings.h"

#include <utility>

#include "leaf_words.h"
#include "ndx/core/status_macros.h"

namespace ndx::search {
namespace {

using journal::v1::JournalLeaf;

}  // namespace

void ForEachValue(const JournalLeaf& leaf,
                  absl::FunctionRef<void(IndexField, absl::string_view)> see) {
  const auto text = [&](IndexField field, absl::string_view value) {
    if (!value.empty()) see(field, value);
  };
  const auto keyed = [&](IndexField field, absl::string_view value) {
    if (value.size() == kKeyedValueBytes) see(field, value);
  };
  text(IndexField::kEvent, EventWord(leaf.event()));
  text(IndexField::kConsumer, leaf.consumer());
  text(IndexField::kProvider, leaf.provider());
  text(IndexField::kMethod, leaf.method());
  text(IndexField::kReason, leaf.error_reason());
  text(IndexField::kPurpose, leaf.purpose());
  text(IndexField::kProcedure, leaf.procedure());
  text(IndexField::kOperator, leaf.operator_name());
  text(IndexField::kAction, leaf.operator_action());
  text(IndexField::kCode, leaf.business_code());
  text(IndexField::kGrant, leaf.decision().rule());
  for (const std::string& node : leaf.relay_path()) text(IndexField::kRelay, node);
  keyed(IndexField::kDossier, leaf.dossier().hmac());
  keyed(IndexField::kOfficer, leaf.officer().hmac());
  keyed(IndexField::kReplayOf, leaf.replay_of());
  if (leaf.exchange_id().empty()) return;
  see(IndexField::kDuration, BucketText(BucketOf(leaf.duration_us())));
  see(IndexField::kRequestSize, BucketText(BucketOf(leaf.request().bytes())));
  see(IndexField::kResponseSize, BucketText(BucketOf(leaf.response().bytes())));
  if (leaf.event() == journal::v1::JOURNAL_EVENT_REQUEST_OPENED ||
      leaf.event() == journal::v1::JOURNAL_EVENT_IN_DOUBT) {
    see(IndexField::kUnsettled, EventWord(leaf.event()));
  }
}

bool Settles(const JournalLeaf& leaf, uint64_t* earlier, journal::v1::JournalEvent* earlier_event) {
  if (leaf.caused_by_plus_one() == 0) return false;
  *earlier = leaf.caused_by_plus_one() - 1;
  switch (leaf.event()) {
    case journal::v1::JOURNAL_EVENT_ANSWERED:
    case journal::v1::JOURNAL_EVENT_FAILED:
    case journal::v1::JOURNAL_EVENT_IN_DOUBT:
      *earlier_event = journal::v1::JOURNAL_EVENT_REQUEST_OPENED;
      return true;
    case journal::v1::JOURNAL_EVENT_RESOLVED:
      *earlier_event = journal::v1::JOURNAL_EVENT_IN_DOUBT;
      return true;
    default:
      return false;
  }
}

absl::StatusOr<const JournalLeaf*> CompleteLeaf(const journal::JournalReader& reader,
                                                const JournalLeaf& stored, JournalLeaf* filled) {
  if (stored.event() != journal::v1::JOURNAL_EVENT_RESOLVED || stored.caused_by_plus_one() == 0) {
    return &stored;
  }
  *filled = stored;
  JournalLeaf& leaf = *filled;
  NDX_ASSIGN_OR_RETURN(const auto earlier, reader.Leaf(stored.caused_by_plus_one() - 1));
  const JournalLeaf& known = earlier.leaf;
  if (leaf.purpose().empty()) leaf.set_purpose(known.purpose());
  if (leaf.procedure().empty()) leaf.set_procedure(known.procedure());
  if (leaf.replay_of().empty()) leaf.set_replay_of(known.replay_of());
  if (leaf.relay_path().empty()) *leaf.mutable_relay_path() = known.relay_path();
  if (!leaf.has_dossier() && known.has_dossier()) *leaf.mutable_dossier() = known.dossier();
  if (!leaf.has_officer() && known.has_officer()) *leaf.mutable_officer() = known.officer();
  if (!leaf.has_decision() && known.has_decision()) *leaf.mutable_decision() = known.decision();
  return filled;
}

}  // namespace ndx::search
