// Finds the key that signed among those registered for whoever has to have signed. Private to this
// folder.
//
// Thread-safety: thread-safe. Ownership: the result points into the list.
#pragma once

#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/signature_fault.h"
#include "ndx/registry/registry_entries.h"

namespace ndx::broker {

inline std::variant<const crypto::SigningPublicKey*, crypto::SignatureFault> FindSigningKey(
    const std::vector<registry::SigningKeyEntry>& keys, absl::string_view key_id, absl::Time now) {
  for (const registry::SigningKeyEntry& entry : keys) {
    if (entry.key.id() != key_id) continue;
    if (entry.registered.Contains(registry::VietnamDay(now))) return &entry.key;
    return crypto::SignatureFault::kKeyNotToday;
  }
  return crypto::SignatureFault::kKeyUnknown;
}

}  // namespace ndx::broker
