// Stage 10: the answer or the error leaves, with exchange id and receipt, and with the node's own
// signature where the grant asks for signed requests; everything the exchange held is given back.
#pragma once

#include <string>

#include "ndx/broker/admission.h"
#include "ndx/broker/delivery.h"
#include "ndx/broker/exchange_meter.h"
#include "ndx/broker/stage.h"

namespace ndx::broker {

class AnswerStage final : public Stage {
 public:
  // sign: may be empty, and nothing is signed then.
  AnswerStage(Admission& admission, ExchangeMeter& meter, std::string node, DeliverySigner sign)
      : admission_(admission), meter_(meter), node_(std::move(node)), sign_(std::move(sign)) {}

  absl::string_view name() const override { return "answer"; }
  Flow Enter(Exchange& x) override;

 private:
  void KeepForCaller(Exchange& x);
  void Send(Exchange& x) const;
  void GiveBack(Exchange& x);

  Admission& admission_;
  ExchangeMeter& meter_;
  const std::string node_;
  const DeliverySigner sign_;
};

}  // namespace ndx::broker
