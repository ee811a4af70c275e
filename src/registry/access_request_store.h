// Requests for access (yêu cầu cấp quyền), kept beside the registry.
//
// Thread-safety: thread-safe; everything blocks on the disk. Ownership: the database outlives it.
// Durability: what returned OK is on stable storage.
// Errors: kNotFound for a number that there is not, kDataLoss for what cannot be read, and those of
// store::Database.
//
// Format: a family of the registry's database; under 'o' and the number (u64 big-endian) a request
// that waits for somebody, under 'c' and the number one that is decided, as serialized
// AccessRequest; the last number under a key of the default family.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/registry/v1/access_request.pb.h"

namespace ndx::store {
class Batch;
class Database;
}  // namespace ndx::store

namespace ndx::registry {

// Requests that wait for somebody at the same time.
inline constexpr size_t kAccessRequestsOpenMax = 1000;
// Steps of one request; after them it can only be decided.
inline constexpr int kAccessRequestStepsMax = 100;

class AccessRequestStore {
 public:
  explicit AccessRequestStore(store::Database& database) : database_(database) {}

  // The number that the next new request gets.
  absl::StatusOr<uint64_t> NextNumber() const;

  // Keeps a request as it is now.
  absl::Status Put(const v1::AccessRequest& request);
  // The same as part of what happens together with it.
  static void PutInto(const v1::AccessRequest& request, store::Batch& batch);

  absl::StatusOr<v1::AccessRequest> Find(uint64_t number) const;

  // Those that wait for somebody, by number.
  absl::StatusOr<std::vector<v1::AccessRequest>> Open() const;
  // Those that are decided, newest first: numbers below `before`, at most `count`.
  absl::StatusOr<std::vector<v1::AccessRequest>> Closed(uint64_t before, size_t count) const;

 private:
  store::Database& database_;
};

}  // namespace ndx::registry
