// The journal as the exchange pipeline sees it where anchors are kept: the same journal, which
// takes no new exchanges while the anchors' policy stops them. What is under way goes on.
//
// Thread-safety: as Journal. Ownership: journal and anchors outlive it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "ndx/anchors/anchors.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/journal.h"

namespace ndx::anchors {

class AnchoredJournal final : public journal::Journal {
 public:
  AnchoredJournal(journal::Journal& journal, const Anchors& anchors)
      : journal_(journal), anchors_(anchors) {}

  absl::Status AcceptsNewExchanges() const override {
    NDX_RETURN_IF_ERROR(journal_.AcceptsNewExchanges());
    return anchors_.AcceptsNewExchanges();
  }

  void SetGroupPause(absl::Duration pause) override { journal_.SetGroupPause(pause); }

  void Append(journal::Record record, journal::AppendCallback done) override {
    journal_.Append(std::move(record), std::move(done));
  }
  void Recall(journal::RecallQuery query, journal::RecallCallback done) override {
    journal_.Recall(std::move(query), std::move(done));
  }
  void GetReceipt(std::string consumer, core::ExchangeId exchange_id,
                  journal::ReceiptCallback done) override {
    journal_.GetReceipt(std::move(consumer), exchange_id, std::move(done));
  }
  absl::StatusOr<journal::v1::KeyedReference> Reference(journal::ReferenceKind kind,
                                                        absl::string_view value) override {
    return journal_.Reference(kind, value);
  }
  absl::StatusOr<std::unique_ptr<journal::PayloadSpill>> StartSpill(
      absl::string_view consumer, core::ExchangeId exchange_id,
      const google::protobuf::Descriptor* descriptor,
      std::shared_ptr<const void> descriptor_owner) override {
    return journal_.StartSpill(consumer, exchange_id, descriptor, std::move(descriptor_owner));
  }

 private:
  journal::Journal& journal_;
  const Anchors& anchors_;
};

}  // namespace ndx::anchors
