// What the node reads from an X.509 certificate (chứng thư số). Chain building belongs to the
// transport; who the owner is, to src/security.
//
// Thread-safety: immutable after construction, thread-safe.
// Source: RFC 5280.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "ndx/crypto/digest.h"

namespace ndx::crypto {

class Certificate {
 public:
  static constexpr size_t kBytesMax = 64 << 10;  // DER or PEM of one certificate

  // kInvalidArgument unless the bytes are one certificate and nothing else.
  static absl::StatusOr<Certificate> FromDer(absl::string_view der);
  // The first certificate of a PEM text.
  static absl::StatusOr<Certificate> FromPem(absl::string_view pem);
  // The first certificate of a PEM file; kNotFound if it cannot be opened. Errors name the path.
  static absl::StatusOr<Certificate> Load(const std::string& path);
  // Every certificate of a PEM text, in order; kInvalidArgument if there is none or one is broken.
  static absl::StatusOr<std::vector<Certificate>> ListFromPem(absl::string_view pem);

  const std::string& der() const { return der_; }
  // URIs of the subject alternative name, in order.
  const std::vector<std::string>& uri_names() const { return uri_names_; }
  // DNS names of the subject alternative name, in order.
  const std::vector<std::string>& dns_names() const { return dns_names_; }
  // SHA-256 of the SubjectPublicKeyInfo in DER.
  const Digest& spki_sha256() const { return spki_sha256_; }
  // Lower-case hexadecimal, without leading zero bytes.
  const std::string& serial_hex() const { return serial_hex_; }
  // RFC 2253 text, for people.
  const std::string& issuer() const { return issuer_; }
  const std::string& subject() const { return subject_; }
  // DER of the names, for comparison.
  const std::string& issuer_der() const { return issuer_der_; }
  const std::string& subject_der() const { return subject_der_; }
  absl::Time not_before() const { return not_before_; }
  absl::Time not_after() const { return not_after_; }
  bool is_ca() const { return is_ca_; }

  // True if signature is the certificate key's over message: Ed25519; ECDSA with SHA-256, DER
  // encoded; RSA (2048 bits and up) PKCS#1 v1.5 with SHA-256. False for any other key.
  bool VerifySignature(absl::string_view message, absl::string_view signature) const;

  // True if this certificate's signature was made with the key of issuer.
  bool IsSignedBy(const Certificate& issuer) const;

 private:
  friend class RevocationList;
  Certificate() = default;
  static absl::StatusOr<Certificate> FromHandle(std::shared_ptr<void> x509);

  std::shared_ptr<void> x509_;
  std::string der_;
  std::vector<std::string> uri_names_;
  std::vector<std::string> dns_names_;
  Digest spki_sha256_{};
  std::string serial_hex_;
  std::string issuer_;
  std::string subject_;
  std::string issuer_der_;
  std::string subject_der_;
  absl::Time not_before_;
  absl::Time not_after_;
  bool is_ca_ = false;
};

}  // namespace ndx::crypto
