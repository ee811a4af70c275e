#include "ndx/security/authenticator.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "ndx/registry/calendar.h"
#include "ndx/security/system_standing.h"

namespace ndx::security {
namespace {

using core::Refusal;

constexpr absl::string_view kUriScheme = "ndx://";

std::string DayText(absl::Time at) { return absl::FormatCivilTime(registry::VietnamDay(at)); }

// A second ndx:// URI would leave it to the reader who is meant, and an unreadable one might be
// read by somebody else.
std::optional<core::SystemId> NamedSystem(const crypto::Certificate& peer) {
  std::optional<core::SystemId> named;
  for (const std::string& uri : peer.uri_names()) {
    if (!absl::StartsWithIgnoreCase(uri, kUriScheme)) continue;
    auto system = core::SystemId::ParseUri(uri);
    if (named.has_value() || !system.ok()) return std::nullopt;
    named = *std::move(system);
  }
  return named;
}

bool IsRegistered(const registry::SystemEntry& system, absl::string_view spki_sha256,
                  absl::CivilDay today) {
  return std::any_of(system.certificates.begin(), system.certificates.end(),
                     [&](const registry::CertificateEntry& certificate) {
                       return certificate.spki_sha256 == spki_sha256 &&
                              certificate.registered.Contains(today);
                     });
}

}  // namespace

Authenticator::Authenticator(std::string node_contact)
    : node_contact_(std::move(node_contact)), revocations_(std::make_shared<const Revocations>()) {}

void Authenticator::SetRevocations(std::shared_ptr<const Revocations> revocations) {
  core::MutexLock lock(mutex_);
  revocations_ = std::move(revocations);
}

std::variant<Principal, Refusal> Authenticator::Authenticate(
    const crypto::Certificate& peer, const VerificationFacts& facts,
    const registry::RegistrySnapshot& registry, absl::Time now) const {
  if (facts.not_yet_valid || now < peer.not_before()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_YET_VALID,
                   .parameters = {{"date", DayText(peer.not_before())}}};
  }
  if (facts.expired || now > peer.not_after()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED,
                   .parameters = {{"date", DayText(peer.not_after())}}};
  }
  std::shared_ptr<const Revocations> revocations;
  {
    core::MutexLock lock(mutex_);
    revocations = revocations_;
  }
  if (const auto revoked = revocations->RevokedAt(peer)) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_REVOKED,
                   .parameters = {{"date", DayText(*revoked)}}};
  }
  const std::optional<core::SystemId> named = NamedSystem(peer);
  if (!named) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_WITHOUT_SYSTEM};
  }
  const absl::CivilDay today = registry::VietnamDay(now);
  const registry::SystemEntry* system = registry.FindSystem(named->text());
  if (system == nullptr || !IsRegistered(*system, crypto::AsBytes(peer.spki_sha256()), today)) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_REGISTERED,
                   .parameters = {{"node", node_contact_}}};
  }
  if (auto refusal = RefusalOfSystem(*system, node_contact_, now)) return *std::move(refusal);
  return Principal{.system = system->id,
                   .entry = system,
                   .spki_sha256 = std::string(crypto::AsBytes(peer.spki_sha256()))};
}

}  // namespace ndx::security
