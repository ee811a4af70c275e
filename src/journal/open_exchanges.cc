#include "open_exchanges.h"

#include <limits>

namespace ndx::journal {

absl::Status OpenExchanges::Begin(std::shared_ptr<OpenExchange> exchange) {
  core::MutexLock lock(mutex_);
  const std::string key = exchange->key;
  if (!entries_.emplace(key, Entry{.exchange = std::move(exchange)}).second) {
    return absl::AlreadyExistsError("an exchange with this id is open");
  }
  return absl::OkStatus();
}

void OpenExchanges::Opened(const std::string& key, uint64_t leaf_index) {
  core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return;
  found->second.exchange->key_leaf = leaf_index;
  found->second.exchange->last_leaf = leaf_index;
  found->second.state = State::kOpen;
}

absl::Status OpenExchanges::Adopt(std::shared_ptr<OpenExchange> exchange) {
  core::MutexLock lock(mutex_);
  const std::string key = exchange->key;
  if (!entries_.emplace(key, Entry{.exchange = std::move(exchange), .state = State::kOpen})
           .second) {
    return absl::FailedPreconditionError("the exchange is open or is being resolved");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<OpenExchange>> OpenExchanges::BeginClose(const std::string& key,
                                                                        const std::string& method) {
  core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.exchange->method != method) {
    return absl::NotFoundError("the exchange is not open");
  }
  if (found->second.state != State::kOpen) {
    return absl::FailedPreconditionError(found->second.state == State::kOpening
                                             ? "the exchange's opening is not durable yet"
                                             : "the exchange is being closed already");
  }
  found->second.state = State::kClosing;
  return found->second.exchange;
}

void OpenExchanges::AbandonClose(const std::string& key) {
  core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found != entries_.end()) found->second.state = State::kOpen;
}

void OpenExchanges::Remove(const std::string& key) {
  core::MutexLock lock(mutex_);
  entries_.erase(key);
}

absl::StatusOr<uint16_t> OpenExchanges::NextAnswerAttempt(const std::string& key) {
  core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return absl::NotFoundError("the exchange is not open");
  if (found->second.answer_attempts == std::numeric_limits<uint16_t>::max()) {
    return absl::ResourceExhaustedError("the exchange has sealed too many answers");
  }
  return ++found->second.answer_attempts;
}

std::shared_ptr<OpenExchange> OpenExchanges::Find(const std::string& key) {
  core::MutexLock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.state == State::kOpening) return nullptr;
  return found->second.exchange;
}

size_t OpenExchanges::size() {
  core::MutexLock lock(mutex_);
  return entries_.size();
}

}  // namespace ndx::journal
