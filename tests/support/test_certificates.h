// Four certificates as a listener hands them on, for tests that need a caller but no handshake.
// They are self-signed, valid from November 2026 for a hundred years, and nobody has their keys.
//
// Thread-safety: thread-safe functions.
#pragma once

#include <string>

namespace ndx::tests {

// DER; URI SAN ndx://VN/GOV/H55/mot-cua.
const std::string& OneStopCertificate();
// DER; URI SAN ndx://VN/GOV/G24/bhxh.
const std::string& InsurerCertificate();
// DER; URI SAN ndx://VN/GOV/G24.1/ky-so. Not in the ledger registry (ledger_registry.h).
const std::string& SignerCertificate();
// DER; names no system.
const std::string& NamelessCertificate();

// SHA-256 of their SubjectPublicKeyInfo, hexadecimal, as the registry has it.
const std::string& OneStopSpki();
const std::string& InsurerSpki();
const std::string& SignerSpki();
const std::string& NamelessSpki();

}  // namespace ndx::tests
