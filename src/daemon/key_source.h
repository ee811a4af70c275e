// Where the keys of the node are: "file:PATH", "fd:N" or "credential:NAME" (systemd), as settings
// write it; "pkcs11:…" for one on a token.
//
// Thread-safety: thread-safe.
// Errors: kInvalidArgument for another form, and those of crypto/key_file.h; texts name the source,
// never the content.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ndx/crypto/private_key.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/crypto/signing_key.h"
#include "ndx/journal/rocks_journal.h"
#include "ndx/settings/v1/node_settings.pb.h"

namespace ndx::daemon {

// The path to read. Relative paths are relative to the directory of settings_file.
absl::StatusOr<std::string> KeyPath(absl::string_view source, absl::string_view settings_file);

// A file that is no secret: a path, or one of these forms.
absl::StatusOr<std::string> FilePath(absl::string_view source, absl::string_view settings_file);

// A private key of TLS: a path, one of these forms, or "pkcs11:token=…;object=…?pin-source=…" where
// pin-source has one of these forms too.
absl::StatusOr<crypto::PrivateKey> ReadTlsKey(absl::string_view source,
                                              absl::string_view settings_file);

// A master key: one of these forms, or "pkcs11:…?wrapped=…" where wrapped has one of them and holds
// the key encrypted for an RSA key on the token.
absl::StatusOr<crypto::SecretBytes> ReadMasterKey(absl::string_view source,
                                                  absl::string_view settings_file);

// The key by which the node signs for whom it asks other nodes. Texts name the setting and the
// source.
absl::StatusOr<crypto::SigningPrivateKey> ReadRelayKey(const settings::v1::RelaySettings& settings,
                                                       absl::string_view settings_file);

// The journal's keys. Texts name the setting and the source.
absl::StatusOr<journal::RocksJournalKeys> ReadJournalKeys(
    const settings::v1::JournalSettings& settings, absl::string_view settings_file);

}  // namespace ndx::daemon
