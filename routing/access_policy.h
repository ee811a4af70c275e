// First half of stage 4: may this system call this method, on this ground, now? Pure; default deny.
//
// Of the consumer's grants for the method and provider the first (in the order of the registry)
// that allows everything decides. When none does, the reason given is that of the grant that came
// furthest through the checks, in their order:
//   NO_GRANT, PURPOSE_NOT_GRANTED, PURPOSE_MISSING, DOSSIER_MISSING, OFFICER_MISSING,
//   PROCEDURE_MISSING, GRANT_NOT_IN_FORCE, OUTSIDE_HOURS, SOURCE_NOT_GRANTED, SIGNATURE_MISSING,
//   OFFICER_NOT_PROVED
// Whether what is given of the last two counts is for the broker to see.
// The second half, the body, is request_check.h.
//
// Grants in shadow mode (chế độ thử) decide nothing. One that is to replace a grant is asked where
// that grant allowed, a new one where no grant allowed; what they say stands in the decision.
//
// Thread-safety: thread-safe functions. Ownership: a decision points into the snapshot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/core/refusal.h"
#include "ndx/core/system_id.h"
#include "ndx/registry/registry_snapshot.h"
#include "ndx/routing/router.h"

namespace ndx::routing {

// Rules that are no grant's.
inline constexpr absl::string_view kDefaultDenyRule = "default-deny";
// The node's own services, open to every registered system.
inline constexpr absl::string_view kNodeServiceRule = "node-service";

// What is known of an exchange before its body is looked at. Texts are those of the metadata, empty
// when not sent.
struct AccessFacts {
  const core::SystemId* consumer = nullptr;
  Route route;
  absl::string_view purpose;
  absl::string_view dossier;
  absl::string_view officer;
  absl::string_view procedure;
  // Where the call came from, as the peer's address with its port; nothing where it is not a call
  // from outside (a replay), and grants' addresses do not matter.
  std::optional<absl::string_view> peer = std::nullopt;
  // Whether the request comes signed (ndx-signature-bin), and the officer with a token of his or
  // her own (ndx-officer-token).
  bool request_signed = false;
  bool officer_proved = false;
};

// What one grant says of an exchange.
struct GrantVerdict {
  const registry::GrantEntry* grant = nullptr;
  std::optional<core::Refusal> refusal;  // nothing: it allows it
};

// What a grant in shadow mode said.
struct ShadowVerdict {
  const registry::MethodGrant* grant = nullptr;
  std::optional<core::Refusal> refusal;  // nothing: it would allow it
};

// A decision as made, for the journal as is.
struct AccessDecision {
  enum class Verdict { kAllowed, kRefused };
  Verdict verdict = Verdict::kRefused;
  // The grant that decided, or one of the rules above.
  std::string rule;
  // Why, when refused.
  std::optional<core::Refusal> refusal;
  // The grant's hold on this method when allowed by one: its fields for the body's check and for
  // minimising.
  const registry::MethodGrant* grant = nullptr;
  // A grant in shadow mode that was asked: the one that is to replace the rule, the first of
  // several that would refuse; where nobody allowed, a new one that would.
  std::optional<ShadowVerdict> shadow;

  bool allowed() const { return verdict == Verdict::kAllowed; }
  // The shadow would have decided otherwise.
  bool shadow_differs() const {
    return shadow.has_value() && allowed() == shadow->refusal.has_value();
  }
};

class AccessPolicy {
 public:
  static AccessDecision Decide(const registry::RegistrySnapshot& registry, const AccessFacts& facts,
                               absl::Time now);

  // What each of the consumer's grants for the method and provider says, in the order of the
  // registry, those in shadow mode after the others: for people who ask why.
  static std::vector<GrantVerdict> Explain(const registry::RegistrySnapshot& registry,
                                           const AccessFacts& facts, absl::Time now);
};

}  // namespace ndx::routing
