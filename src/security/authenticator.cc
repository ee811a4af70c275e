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

// The system that a certificate names in its URIs.
struct Naming {
  bool any = false;                      // there is an ndx:// URI
  std::optional<core::SystemId> system;  // there is exactly one, and it is well formed
};

// A second ndx:// URI would leave it to the reader who is meant, and an unreadable one might be
// read by somebody else.
Naming NamingOf(const crypto::Certificate& peer) {
  Naming naming;
  for (const std::string& uri : peer.uri_names()) {
    if (!absl::StartsWithIgnoreCase(uri, kUriScheme)) continue;
    auto system = core::SystemId::ParseUri(uri);
    if (naming.any || !system.ok()) return {.any = true};
    naming = {.any = true, .system = *std::move(system)};
  }
  return naming;
}

bool IsRegistered(const registry::SystemEntry& system, absl::string_view spki_sha256,
                  absl::CivilDay today) {
  return std::any_of(system.certificates.begin(), system.certificates.end(),
                     [&](const registry::CertificateEntry& certificate) {
                       return certificate.spki_sha256 == spki_sha256 &&
                              certificate.registered.Contains(today);
                     });
}

// A certificate of a public or government authority, which writes no ndx:// URI: its key says whose
// it is, where the registry says that it does.
const registry::SystemEntry* SystemOfKey(const registry::RegistrySnapshot& registry,
                                         absl::string_view spki_sha256) {
  const registry::SystemEntry* system = registry.FindSystemByCertificate(spki_sha256);
  if (system == nullptr) return nullptr;
  const bool without_uri =
      std::any_of(system->certificates.begin(), system->certificates.end(),
                  [&](const registry::CertificateEntry& certificate) {
                    return certificate.spki_sha256 == spki_sha256 && certificate.without_uri;
                  });
  return without_uri ? system : nullptr;
}

bool IssuerCounts(const registry::MemberEntry& member, const VerificationFacts& facts) {
  const auto& issuers = member.issuer_spki_sha256;
  if (issuers.empty()) return true;
  return facts.issuer_spki_sha256.has_value() &&
         std::find(issuers.begin(), issuers.end(), *facts.issuer_spki_sha256) != issuers.end();
}

}  // namespace

Authenticator::Authenticator(std::string node_contact)
    : node_contact_(std::move(node_contact)), revocations_(std::make_shared<const Revocations>()) {}

void Authenticator::SetRevocations(std::shared_ptr<const Revocations> revocations) {
  core::MutexLock lock(mutex_);
  revocations_ = std::move(revocations);
}

std::optional<Refusal> Authenticator::RefusalOfCertificate(const crypto::Certificate& peer,
                                                           const VerificationFacts& facts,
                                                           absl::Time now) const {
  if (denied_ != nullptr) {
    if (const auto since = denied_->DeniedSince(peer.spki_sha256())) {
      return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_DENIED,
                     .parameters = {{"since", absl::FormatTime("%Y-%m-%d %H:%M", *since,
                                                               registry::VietnamTimeZone())},
                                    {"node", node_contact_}}};
    }
  }
  if (facts.not_yet_valid || now < peer.not_before()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_YET_VALID,
                   .parameters = {{"date", DayText(peer.not_before())}}};
  }
  if (facts.expired || now > peer.not_after()) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_EXPIRED,
                   .parameters = {{"date", DayText(peer.not_after())}}};
  }
  return RefusalOfRevocation(peer, now);
}

std::optional<Refusal> Authenticator::RefusalOfRevocation(const crypto::Certificate& peer,
                                                          absl::Time now) const {
  const auto revoked = [](absl::Time since) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_REVOKED,
                   .parameters = {{"date", DayText(since)}}};
  };
  const auto unknown = [this](absl::Time newest) {
    const bool never = newest == absl::InfinitePast();
    return Refusal{
        .reason = exchange::v1::ERROR_REASON_REVOCATION_UNKNOWN,
        .parameters = {{"date", never ? "…" : DayText(newest)}, {"node", node_contact_}}};
  };
  std::shared_ptr<const Revocations> revocations;
  {
    core::MutexLock lock(mutex_);
    revocations = revocations_;
  }
  if (const auto since = revocations->RevokedAt(peer)) return revoked(*since);
  if (const auto newest = revocations->OutdatedSince(peer, now)) return unknown(*newest);
  if (ocsp_ == nullptr) return std::nullopt;
  const OcspStatuses::Word word = ocsp_->WordOn(peer);
  switch (word.state) {
    case OcspStatuses::Word::State::kRevoked:
      return revoked(word.since);
    case OcspStatuses::Word::State::kUnknown:
      return unknown(word.since);
    case OcspStatuses::Word::State::kPasses:
      break;
  }
  return std::nullopt;
}

std::variant<Principal, Refusal> Authenticator::Authenticate(
    const crypto::Certificate& peer, const VerificationFacts& facts,
    const registry::RegistrySnapshot& registry, absl::Time now) const {
  if (auto refusal = RefusalOfCertificate(peer, facts, now)) return *std::move(refusal);
  const absl::string_view spki_sha256 = crypto::AsBytes(peer.spki_sha256());
  const Naming naming = NamingOf(peer);
  const registry::SystemEntry* system = nullptr;
  if (naming.system.has_value()) {
    system = registry.FindSystem(naming.system->text());
  } else {
    if (!naming.any) system = SystemOfKey(registry, spki_sha256);
    if (system == nullptr) {
      return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_WITHOUT_SYSTEM};
    }
  }
  const absl::CivilDay today = registry::VietnamDay(now);
  if (system == nullptr || !IsRegistered(*system, spki_sha256, today)) {
    return Refusal{.reason = exchange::v1::ERROR_REASON_CERTIFICATE_NOT_REGISTERED,
                   .parameters = {{"node", node_contact_}}};
  }
  if (!IssuerCounts(*system->member, facts)) {
    return Refusal{
        .reason = exchange::v1::ERROR_REASON_CERTIFICATE_ISSUER_NOT_REGISTERED,
        .parameters = {{"member", system->member->code.text()}, {"node", node_contact_}}};
  }
  if (auto refusal = RefusalOfSystem(*system, node_contact_, now)) return *std::move(refusal);
  return Principal{.system = system->id, .entry = system, .spki_sha256 = std::string(spki_sha256)};
}

}  // namespace ndx::security
