#include "ndx/daemon/delivery_key.h"

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::daemon {

DeliveryKey::DeliveryKey(const journal::RocksJournalKeys& keys) : signing_(Of(keys.signing)) {
  if (keys.next_signing.has_value()) next_ = Of(*keys.next_signing);
}

// NAME+KEYID+BASE64 of 0x01 and the key (C2SP signed-note).
DeliveryKey::Key DeliveryKey::Of(const crypto::Ed25519PrivateKey& key) {
  return {.key = crypto::SigningPrivateKey::FromEd25519(key),
          .vkey_end = absl::StrCat(
              "+", absl::Base64Escape(absl::StrCat(std::string(1, '\x01'), key.public_key())))};
}

broker::DeliverySigner DeliveryKey::Signer(const journal::JournalKeys& journal,
                                           const core::Clock& clock) const {
  return [this, &journal, &clock](const crypto::SignedExchange& exchange) {
    const bool followed = next_.has_value() && absl::EndsWith(journal.vkey(), next_->vkey_end);
    return crypto::SignExchange(crypto::SignedAs::kDelivery, exchange,
                                followed ? next_->key : signing_.key, clock.Now());
  };
}

}  // namespace ndx::daemon
