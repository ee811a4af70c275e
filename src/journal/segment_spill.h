// A long or streamed answer, sealed into segment files as it arrives. Private to this folder.
//
// Thread-safety: belongs to one thread at a time, as PayloadSpill says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ndx/crypto/digest.h"
#include "ndx/journal/journal.h"
#include "ndx/store/segment_store.h"
#include "open_exchanges.h"
#include "pending_record.h"
#include "sealed_payload.h"

namespace ndx::journal {

// What a finished spill leaves to its record.
struct SpilledAnswer {
  SealedDirection sealed;
  v1::PayloadCommitment commitment;
  std::vector<std::string> salts;
};

class SegmentSpill final : public PayloadSpill {
 public:
  // attempt is one that this exchange has not sealed an answer under.
  SegmentSpill(store::SegmentStore& segments, std::shared_ptr<OpenExchange> exchange,
               uint16_t attempt, std::shared_ptr<const CutPlan> plan,
               std::shared_ptr<const void> descriptor_owner);

  absl::Status Add(absl::string_view message) override;
  absl::StatusOr<std::string> Read(size_t index) const override;
  size_t messages() const override { return places_.size(); }
  uint64_t bytes() const override { return sealer_.bytes(); }

  const std::shared_ptr<OpenExchange>& exchange() const { return exchange_; }
  SpilledAnswer Take();

 private:
  struct MessagePlace {
    v1::SegmentPiece piece;
    uint32_t first_part = 0;
  };

  store::SegmentStore& segments_;
  const std::shared_ptr<OpenExchange> exchange_;
  const SealContext context_;
  const std::shared_ptr<const CutPlan> plan_;
  const std::shared_ptr<const void> descriptor_owner_;
  const ExchangePartKeys part_keys_;
  PayloadSealer sealer_;
  crypto::Sha256 digest_;
  std::vector<MessagePlace> places_;
};

}  // namespace ndx::journal
