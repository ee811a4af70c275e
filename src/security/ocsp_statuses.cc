#include "ndx/security/ocsp_statuses.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::security {

using crypto::OcspAnswer;

void OcspStatuses::Notice(const std::string& leaf_der, const std::string& issuer_der) {
  const absl::Time now = clock_.Now();
  {
    const core::MutexLock lock(mutex_);
    const auto found = known_.find(leaf_der);
    if (found != known_.end()) {
      found->second.used = now;
      return;
    }
  }
  auto certificate = crypto::Certificate::FromDer(leaf_der);
  auto issuer = crypto::Certificate::FromDer(issuer_der);
  if (!certificate.ok() || !issuer.ok()) return;
  Known known{.certificate = std::make_shared<const crypto::Certificate>(*std::move(certificate)),
              .issuer = std::make_shared<const crypto::Certificate>(*std::move(issuer)),
              .used = now};
  const core::MutexLock lock(mutex_);
  MakeRoom();
  known_.emplace(leaf_der, std::move(known));
  fresh_ = true;
  noticed_.NotifyAll();
}

void OcspStatuses::MakeRoom() {
  if (known_.size() < kOcspStatusesMax) return;
  const auto longest =
      std::min_element(known_.begin(), known_.end(),
                       [](const auto& a, const auto& b) { return a.second.used < b.second.used; });
  known_.erase(longest);
}

OcspStatuses::Word OcspStatuses::WordOn(const crypto::Certificate& certificate) const {
  const absl::Time now = clock_.Now();
  Word word{.state = options_.required ? Word::State::kUnknown : Word::State::kPasses};
  const core::MutexLock lock(mutex_);
  const auto found = known_.find(certificate.der());
  if (found == known_.end()) return word;
  const Known& known = found->second;
  known.used = now;
  if (known.counts_until == absl::InfinitePast()) return word;
  word.since = known.answer.this_update;
  if (known.answer.state == OcspAnswer::State::kRevoked) {
    return {.state = Word::State::kRevoked, .since = known.answer.revoked_at};
  }
  const bool good = known.answer.state == OcspAnswer::State::kGood && now <= known.counts_until;
  if (good) word.state = Word::State::kPasses;
  return word;
}

OcspStatuses::Round OcspStatuses::AskDue(http::HttpPoster& poster) {
  Round round;
  for (const Known& known : Due()) {
    const auto answer = Ask(known, poster);
    Remember(known, answer);
    if (answer.ok()) {
      ++round.answered;
    } else {
      round.faults.push_back(answer.status());
    }
    if (ended()) break;
  }
  return round;
}

std::vector<OcspStatuses::Known> OcspStatuses::Due() const {
  const absl::Time now = clock_.Now();
  std::vector<Known> due;
  const core::MutexLock lock(mutex_);
  for (const auto& [der, known] : known_) {
    if (known.due <= now) due.push_back(known);
  }
  return due;
}

absl::StatusOr<OcspAnswer> OcspStatuses::Ask(const Known& known, http::HttpPoster& poster) const {
  const std::string responder =
      options_.responder.empty() ? crypto::OcspResponderOf(*known.certificate) : options_.responder;
  if (responder.empty()) {
    return absl::NotFoundError("the certificate names no responder, and the settings none either");
  }
  const auto named = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(responder, ": ", status.message()));
  };
  const auto response =
      poster.Post({.url = responder,
                   .content_type = crypto::kOcspRequestType,
                   .accept = crypto::kOcspAnswerType,
                   .body = crypto::OcspRequest(*known.certificate, *known.issuer)});
  if (!response.ok()) return named(response.status());
  if (response->status != 200) {
    return named(absl::UnavailableError(absl::StrCat("HTTP status ", response->status)));
  }
  auto answer =
      crypto::VerifyOcspAnswer(response->body, *known.certificate, *known.issuer, clock_.Now());
  if (!answer.ok()) return named(answer.status());
  return answer;
}

void OcspStatuses::Remember(const Known& known, const absl::StatusOr<OcspAnswer>& answer) {
  const absl::Time now = clock_.Now();
  const core::MutexLock lock(mutex_);
  const auto found = known_.find(known.certificate->der());
  if (found == known_.end()) return;
  Known& kept = found->second;
  if (!answer.ok()) {
    kept.due = now + std::min(kOcspRetry, options_.recheck);
    return;
  }
  kept.answer = *answer;
  kept.due =
      std::min(now + options_.recheck, std::max(answer->next_update, now + absl::Seconds(1)));
  kept.counts_until = answer->next_update == absl::InfiniteFuture() ? now + 2 * options_.recheck
                                                                    : answer->next_update;
}

void OcspStatuses::AwaitNotice(absl::Duration at_most) {
  const core::MutexLock lock(mutex_);
  if (!fresh_ && !ended_) noticed_.WaitFor(mutex_, at_most);
  fresh_ = false;
}

bool OcspStatuses::ended() const {
  const core::MutexLock lock(mutex_);
  return ended_;
}

void OcspStatuses::End() {
  const core::MutexLock lock(mutex_);
  ended_ = true;
  noticed_.NotifyAll();
}

}  // namespace ndx::security
