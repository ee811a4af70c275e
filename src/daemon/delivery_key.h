// The key with which the node signs what it delivers: the signing key of its journal.
//
// It is the same key so that a consumer needs one key of the node, verifies receipt and delivery by
// it, and follows one rotation. The two cannot be mistaken for each other: a checkpoint's text is
// lines that end in line feeds, a JWS signs two words of base64url with a dot between (RFC 7515),
// which begin with the header's own type (crypto/exchange_signature.h) and hold no line feed.
//
// Thread-safety: thread-safe.
#pragma once

#include <optional>
#include <string>

#include "ndx/broker/delivery.h"
#include "ndx/core/clock.h"
#include "ndx/crypto/exchange_signature.h"
#include "ndx/journal/journal_key.h"
#include "ndx/journal/rocks_journal.h"

namespace ndx::daemon {

class DeliveryKey {
 public:
  explicit DeliveryKey(const journal::RocksJournalKeys& keys);

  // Signs with whichever of them signs the journal's checkpoints at the moment. All three must
  // outlive what it gives.
  broker::DeliverySigner Signer(const journal::JournalKeys& journal,
                                const core::Clock& clock) const;

 private:
  struct Key {
    crypto::SigningPrivateKey key;
    std::string vkey_end;  // by which the journal names it
  };
  static Key Of(const crypto::Ed25519PrivateKey& key);

  Key signing_;
  std::optional<Key> next_;
};

}  // namespace ndx::daemon
