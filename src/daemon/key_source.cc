#include "ndx/daemon/key_source.h"

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/key_file.h"
#include "ndx/crypto/token_key.h"
#include "ndx/settings/settings_loader.h"

namespace ndx::daemon {
namespace {

constexpr absl::string_view kOnToken = "pkcs11:";

// Runs a reader of keys on a source; errors begin with the setting's name.
template <typename Read>
auto ReadKey(absl::string_view setting, absl::string_view source, absl::string_view settings_file,
             Read read) -> decltype(read(source, settings_file)) {
  auto key = read(source, settings_file);
  if (key.ok()) return key;
  return absl::Status(key.status().code(), absl::StrCat(setting, ": ", key.status().message()));
}

absl::StatusOr<crypto::PrivateKey> OpenOnToken(const crypto::TokenUri& uri,
                                               absl::string_view settings_file) {
  if (uri.pin_source.empty()) return crypto::OpenTokenKey(uri, "");
  NDX_ASSIGN_OR_RETURN(const std::string path, KeyPath(uri.pin_source, settings_file));
  NDX_ASSIGN_OR_RETURN(const crypto::SecretBytes pin, crypto::ReadKeyFile(path));
  return crypto::OpenTokenKey(uri, absl::StripTrailingAsciiWhitespace(pin.view()));
}

absl::StatusOr<crypto::Ed25519PrivateKey> ReadSigningKey(absl::string_view source,
                                                         absl::string_view settings_file) {
  if (absl::StartsWith(source, kOnToken)) {
    return absl::InvalidArgumentError(
        "the journal signs with Ed25519, which OpenSSL's PKCS#11 engine cannot; a key on a token "
        "serves the listener (tls.key_file) and the master key");
  }
  NDX_ASSIGN_OR_RETURN(const std::string path, KeyPath(source, settings_file));
  return crypto::ReadEd25519KeyFile(path);
}

}  // namespace

absl::StatusOr<std::string> KeyPath(absl::string_view source, absl::string_view settings_file) {
  if (absl::ConsumePrefix(&source, "file:")) return settings::ResolvePath(settings_file, source);
  if (absl::ConsumePrefix(&source, "fd:")) {
    int fd = -1;
    if (absl::SimpleAtoi(source, &fd) && fd > 2) return absl::StrCat("/proc/self/fd/", fd);
    return absl::InvalidArgumentError("fd: must be followed by a descriptor number above 2");
  }
  if (absl::ConsumePrefix(&source, "credential:")) {
    const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
    if (directory == nullptr) {
      return absl::InvalidArgumentError(
          "credential: needs systemd's LoadCredential= (CREDENTIALS_DIRECTORY is not set)");
    }
    if (source.empty() || absl::StrContains(source, "/")) {
      return absl::InvalidArgumentError("credential: must be followed by a credential's name");
    }
    return absl::StrCat(directory, "/", source);
  }
  return absl::InvalidArgumentError("a key must be file:PATH, fd:N or credential:NAME");
}

absl::StatusOr<std::string> FilePath(absl::string_view source, absl::string_view settings_file) {
  const bool has_form = absl::StartsWith(source, "file:") || absl::StartsWith(source, "fd:") ||
                        absl::StartsWith(source, "credential:");
  if (has_form) return KeyPath(source, settings_file);
  return settings::ResolvePath(settings_file, source);
}

absl::StatusOr<crypto::PrivateKey> ReadTlsKey(absl::string_view source,
                                              absl::string_view settings_file) {
  if (absl::StartsWith(source, kOnToken)) {
    NDX_ASSIGN_OR_RETURN(const crypto::TokenUri uri, crypto::ParseTokenUri(source));
    return OpenOnToken(uri, settings_file);
  }
  NDX_ASSIGN_OR_RETURN(const std::string path, FilePath(source, settings_file));
  return crypto::PrivateKey::Read(path);
}

absl::StatusOr<crypto::SecretBytes> ReadMasterKey(absl::string_view source,
                                                  absl::string_view settings_file) {
  if (!absl::StartsWith(source, kOnToken)) {
    NDX_ASSIGN_OR_RETURN(const std::string path, KeyPath(source, settings_file));
    return crypto::ReadAesKeyFile(path);
  }
  NDX_ASSIGN_OR_RETURN(const crypto::TokenUri uri, crypto::ParseTokenUri(source));
  if (uri.wrapped.empty()) {
    return absl::InvalidArgumentError(
        "a master key on a token is pkcs11:token=…;object=…?wrapped=file:PATH&pin-source=…, where "
        "PATH holds the key encrypted for the token's RSA key");
  }
  NDX_ASSIGN_OR_RETURN(const std::string path, KeyPath(uri.wrapped, settings_file));
  NDX_ASSIGN_OR_RETURN(const crypto::SecretBytes wrapped, crypto::ReadKeyFile(path));
  NDX_ASSIGN_OR_RETURN(const crypto::PrivateKey key, OpenOnToken(uri, settings_file));
  auto master = key.Decrypt(wrapped.view());
  if (master.ok() && master->size() == crypto::kAesKeyBytes) return master;
  return absl::InvalidArgumentError(
      absl::StrCat("key file ", path, ": ",
                   master.ok() ? "holds no key of 32 bytes" : master.status().message()));
}

absl::StatusOr<crypto::SigningPrivateKey> ReadRelayKey(const settings::v1::RelaySettings& settings,
                                                       absl::string_view settings_file) {
  NDX_ASSIGN_OR_RETURN(const auto key,
                       ReadKey("relay.key", settings.key(), settings_file, ReadSigningKey));
  return crypto::SigningPrivateKey::FromEd25519(key);
}

absl::StatusOr<journal::RocksJournalKeys> ReadJournalKeys(
    const settings::v1::JournalSettings& settings, absl::string_view settings_file) {
  const auto signing = [&](absl::string_view setting, absl::string_view source) {
    return ReadKey(setting, source, settings_file, ReadSigningKey);
  };
  const auto master = [&](absl::string_view setting, absl::string_view source) {
    return ReadKey(setting, source, settings_file, ReadMasterKey);
  };
  NDX_ASSIGN_OR_RETURN(auto signing_key, signing("journal.signing_key", settings.signing_key()));
  NDX_ASSIGN_OR_RETURN(auto master_key, master("journal.master_key", settings.master_key()));
  journal::RocksJournalKeys keys{.signing = std::move(signing_key),
                                 .master = std::move(master_key)};
  if (!settings.next_signing_key().empty()) {
    NDX_ASSIGN_OR_RETURN(keys.next_signing,
                         signing("journal.next_signing_key", settings.next_signing_key()));
  }
  if (settings.has_master_key_change()) {
    const auto& change = settings.master_key_change();
    NDX_ASSIGN_OR_RETURN(auto previous,
                         master("journal.master_key_change.previous_key", change.previous_key()));
    keys.master_change =
        journal::MasterKeyChange{.previous = std::move(previous),
                                 .by = {.operator_name = change.operator_(),
                                        .operator_action = "journal.master_key_change",
                                        .operator_reason = change.reason()}};
  }
  return keys;
}

}  // namespace ndx::daemon
