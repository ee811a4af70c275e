#include "ndx/registry/contract_store.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ledger_families.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"

namespace ndx::registry {

absl::Status ContractStore::Put(absl::string_view descriptor_set) {
  const crypto::Digest digest = crypto::Sha256Of({descriptor_set});
  if (Get(crypto::AsBytes(digest)).ok()) return absl::OkStatus();
  store::Batch batch;
  batch.Put(kContractFamily, crypto::AsBytes(digest), descriptor_set);
  return database_.WriteSynced(batch);
}

absl::StatusOr<std::string> ContractStore::Get(absl::string_view sha256) const {
  NDX_ASSIGN_OR_RETURN(std::string bytes, database_.Get(kContractFamily, sha256));
  const crypto::Digest digest = crypto::Sha256Of({bytes});
  if (crypto::AsBytes(digest) == sha256) return bytes;
  return absl::DataLossError(
      absl::StrCat("the descriptor set ", absl::BytesToHexString(sha256),
                   " of the registry was altered; restore the registry's directory from a backup"));
}

}  // namespace ndx::registry
