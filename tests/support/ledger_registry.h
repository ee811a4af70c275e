// A registry with one service in which every kind of method stands, for tests of the way an
// exchange takes: ledger.v1.LedgerService, provided by VN:GOV:G01:ledger (the adapter "ledger"
// inside the node), used by VN:GOV:H55:mot-cua and VN:GOV:G24:bhxh.
//
//   Read        a read; the answer's field `code` is its business code
//   Note        a read whose request is made durable first
//   Change      a change
//   ChangeOnce  a change that is idempotent
//   List        a read whose answer is a stream
//   Apply       a change whose answer is a stream
//   Small       a read with messages of at most 1 KiB
//
// mot-cua may call all of them for the purpose "tthc"; bhxh may call Read and List without a
// purpose and gets only `key` and `code` of the answer; nobody else has a grant.
//
// Thread-safety: thread-safe functions. An error in the texts aborts.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "ndx/registry/registry_snapshot.h"

namespace ndx::tests {

// The node's own system: VN:GOV:G00:ndx.
std::string LedgerNode();

// With more YAML beside it, which may be empty. provider_keys: the signing_keys of the provider, as
// YAML; its answers must then be signed.
std::shared_ptr<const registry::RegistrySnapshot> BuildLedgerRegistry(
    absl::string_view more_yaml, absl::string_view provider_keys = "");

// "/ledger.v1.LedgerService/<name>".
std::string LedgerMethod(absl::string_view name);

// Messages of the service: Ask and Entry.
std::string AskBytes(absl::string_view key);
std::string EntryBytes(absl::string_view key, absl::string_view secret, absl::string_view code);

}  // namespace ndx::tests
