// Exchanges opened by a REQUEST_OPENED leaf and not closed yet. Private to this folder.
//
// Thread-safety: thread-safe. What of an OpenExchange is not const is guarded by the table.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/core/exchange_id.h"
#include "ndx/core/mutex.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/v1/journal_leaf.pb.h"

namespace ndx::journal {

struct OpenExchange {
  std::string key;  // ExchangeKey() of id and consumer
  core::ExchangeId exchange_id;
  std::string method;
  crypto::SecretBytes exchange_key;  // empty if it could not be had
  v1::PayloadCommitment request;     // without ciphertext digest
  std::vector<std::string> request_salts;
  std::string signature_commitment;
  std::string signature_key_id;
  std::string signature_salt;
  // The leaf under whose index the exchange key is kept, and the newest leaf of the exchange. Set
  // once, before the opening is acknowledged.
  uint64_t key_leaf = 0;
  uint64_t last_leaf = 0;
};

class OpenExchanges {
 public:
  // Enters an exchange whose opening leaf is on its way. kAlreadyExists if it is there.
  absl::Status Begin(std::shared_ptr<OpenExchange> exchange);

  // The opening leaf is durable at this index.
  void Opened(const std::string& key, uint64_t leaf_index);

  // Enters an exchange found open on starting, or one in doubt that is being resolved.
  absl::Status Adopt(std::shared_ptr<OpenExchange> exchange);

  // For one that closes it: at most one caller gets it. kNotFound if it is not open here or its
  // method is another; kFailedPrecondition if its opening is not durable yet or somebody is closing
  // it.
  absl::StatusOr<std::shared_ptr<OpenExchange>> BeginClose(const std::string& key,
                                                           const std::string& method);

  // The record that was to close it was refused: it is open as before.
  void AbandonClose(const std::string& key);

  // Gone: closed, or its opening was refused.
  void Remove(const std::string& key);

  // A number for sealing an answer that no other sealing of this exchange gets.
  absl::StatusOr<uint16_t> NextAnswerAttempt(const std::string& key);

  // The exchange, if it is open and durable.
  std::shared_ptr<OpenExchange> Find(const std::string& key);

  size_t size();

 private:
  enum class State { kOpening, kOpen, kClosing };
  struct Entry {
    std::shared_ptr<OpenExchange> exchange;
    State state = State::kOpening;
    uint16_t answer_attempts = 0;
  };

  core::Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::journal
