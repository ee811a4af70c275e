// Stage 10: the answer or the error leaves, with exchange id and receipt; everything the exchange
// held is given back.
#pragma once

#include <string>

#include "ndx/broker/admission.h"
#include "ndx/broker/exchange_meter.h"
#include "ndx/broker/stage.h"

namespace ndx::broker {

class AnswerStage final : public Stage {
 public:
  AnswerStage(Admission& admission, ExchangeMeter& meter, std::string node)
      : admission_(admission), meter_(meter), node_(std::move(node)) {}

  absl::string_view name() const override { return "answer"; }
  Flow Enter(Exchange& x) override;

 private:
  void KeepForCaller(Exchange& x);
  void Send(Exchange& x) const;
  void GiveBack(Exchange& x);

  Admission& admission_;
  ExchangeMeter& meter_;
  const std::string node_;
};

}  // namespace ndx::broker
