// Keys that sign requests, answers and officers' tokens: the part of SnapshotBuilder that reads
// them. One key has one owner: what it signed is then that owner's.
#include <utility>

#include "absl/strings/str_cat.h"
#include "snapshot_builder.h"

namespace ndx::registry {

std::vector<SigningKeyEntry> SnapshotBuilder::ReadSigningKeys(
    const google::protobuf::RepeatedPtrField<v1::SigningKey>& keys, const std::string& path,
    const std::string& owner) {
  std::vector<SigningKeyEntry> entries;
  for (int i = 0; i < keys.size(); ++i) {
    const v1::SigningKey& signing = keys.Get(i);
    const std::string at = absl::StrCat(path, "[", i, "]");
    auto key = crypto::SigningPublicKey::FromBase64(signing.public_key());
    if (!key.ok()) {
      Fault(at + ".public_key", signing.public_key(), key.status().message());
      continue;
    }
    const auto [known, is_new] = signing_key_owners_.emplace(key->id(), owner);
    if (!is_new) {
      Fault(at + ".public_key", signing.public_key(),
            absl::StrCat("is registered already, for ", known->second));
    }
    entries.push_back({.key = *std::move(key),
                       .registered = ReadDates(signing.valid_from(), signing.valid_to(), at)});
  }
  return entries;
}

}  // namespace ndx::registry
