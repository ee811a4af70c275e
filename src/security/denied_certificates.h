// The certificates that a node denies (danh sách chặn chứng thư số), whatever their authorities
// say: by key, kept in a file, in force at once.
//
// The file is the YAML of proto/ndx/settings/v1/denied_certificates.proto under a first line that
// says so; it is replaced whole. One that is there and cannot be read is an error: a node that
// forgot whom it denies would let them in.
//
// Thread-safety: thread-safe. DeniedSince() is for every exchange: one look at an atomic while
// nobody is denied, else one short lock and one probe; it never waits for the disk. Deny() and
// Allow() block on the disk, one at a time. Errors: those of the disk, naming the file; Open()
// kInvalidArgument for a file that is no such list; Deny() kAlreadyExists, Allow() kNotFound,
// kResourceExhausted past kDeniedMax.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "ndx/core/mutex.h"
#include "ndx/crypto/digest.h"

namespace ndx::security {

// Certificates on one node's list.
inline constexpr size_t kDeniedMax = 10'000;

// A certificate that is denied, and by whose order.
struct Denial {
  crypto::Digest spki_sha256{};
  absl::Time since;
  std::string operator_name;
  std::string reason;
  uint64_t leaf_index = 0;
};

class DeniedCertificates {
 public:
  // Reads the list; there is none where there is no file. The file's directory must exist.
  static absl::StatusOr<std::unique_ptr<DeniedCertificates>> Open(std::string path);
  DeniedCertificates(const DeniedCertificates&) = delete;
  DeniedCertificates& operator=(const DeniedCertificates&) = delete;

  // Since when certificates with this key are denied; nothing where they are not.
  std::optional<absl::Time> DeniedSince(const crypto::Digest& spki_sha256) const;

  std::optional<Denial> Find(const crypto::Digest& spki_sha256) const;
  size_t size() const;
  // All, the earliest first.
  std::vector<Denial> All() const;

  // In the file when OK, and in force.
  absl::Status Deny(Denial denial);
  absl::Status Allow(const crypto::Digest& spki_sha256);

 private:
  using List = absl::flat_hash_map<crypto::Digest, Denial>;

  explicit DeniedCertificates(std::string path) : path_(std::move(path)) {}

  List Copy() const;
  absl::Status Keep(List list) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Put(List list);

  const std::string path_;
  core::Mutex writing_;  // held over the disk; nobody that an exchange waits for takes it
  mutable core::Mutex mutex_;
  List denied_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> any_{false};
};

}  // namespace ndx::security
