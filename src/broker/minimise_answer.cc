#include "ndx/broker/minimise_answer.h"

#include <algorithm>
#include <utility>

#include "ndx/core/status_macros.h"
#include "ndx/routing/minimiser.h"

namespace ndx::broker {

absl::StatusOr<transport::Message> MinimiseMessage(Exchange& x, transport::Message message) {
  const registry::MethodGrant* grant = x.decision.grant;
  if (grant == nullptr || !grant->answer_fields.has_value()) return message;
  NDX_ASSIGN_OR_RETURN(auto minimised, routing::Minimise(*grant->answer_fields, *message));
  for (std::string& path : minimised.removed) {
    const bool noted =
        std::find(x.fields_removed.begin(), x.fields_removed.end(), path) != x.fields_removed.end();
    if (!noted && x.fields_removed.size() < routing::kRemovedPathsMax) {
      x.fields_removed.push_back(std::move(path));
    }
  }
  return transport::MakeMessage(std::move(minimised.bytes));
}

core::Refusal AnswerOfWrongType(const Exchange& x) {
  const registry::SystemEntry& provider = *x.route.provider->system;
  return {.reason = exchange::v1::ERROR_REASON_PROVIDER_ANSWER_MALFORMED,
          .parameters = {{"provider", provider.id.text()},
                         {"rule", "message type"},
                         {"owner", provider.member->OwnerText()}}};
}

core::Refusal AnswerNotRecorded(absl::string_view node_contact) {
  return {.reason = exchange::v1::ERROR_REASON_ANSWER_NOT_RECORDED,
          .parameters = {{"node", std::string(node_contact)}}};
}

}  // namespace ndx::broker
