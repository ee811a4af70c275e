// The keys that the journal makes for itself, wrapped by the node's master key in the database.
// Private to this folder.
//
// Thread-safety: thread-safe. A new hour's intake key is written, synced, before it is used. So
// that no event loop waits for that, somebody makes the next one when NextHourDue() says so.
// Errors: kDataLoss if a key cannot be unwrapped, kNotFound if it was destroyed; an error of
// writing goes to on_failed_write as well.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "ndx/core/clock.h"
#include "ndx/core/mutex.h"
#include "ndx/core/random.h"
#include "ndx/crypto/secret_bytes.h"
#include "ndx/journal/journal.h"
#include "ndx/journal/v1/journal_leaf.pb.h"
#include "ndx/journal/v1/journal_store.pb.h"
#include "ndx/store/database.h"

namespace ndx::journal {

struct IntakeKey {
  uint64_t hour = 0;           // since 1970
  crypto::SecretBytes key;     // wraps exchange keys
  crypto::SecretBytes recall;  // HMAC key over requests that may come again
};

class KeyRing {
 public:
  KeyRing(store::Database& database, crypto::SecretBytes master, const core::Clock& clock,
          core::Random& random, std::function<void(const absl::Status&)> on_failed_write);

  // The intake key of the present hour.
  absl::StatusOr<std::shared_ptr<const IntakeKey>> CurrentIntakeKey();

  // True once, shortly before an hour ends: then call PrepareHour(*hour) off the event loops.
  bool NextHourDue(uint64_t* hour);
  void PrepareHour(uint64_t hour);

  // The intake key of some hour.
  absl::StatusOr<std::shared_ptr<const IntakeKey>> IntakeKeyOf(uint64_t hour);

  v1::WrappedExchangeKey Wrap(const IntakeKey& intake, absl::string_view exchange_key) const;

  // What Wrap() made.
  absl::StatusOr<crypto::SecretBytes> Unwrap(const v1::WrappedExchangeKey& wrapped);

  // The exchange key kept under a leaf's index.
  absl::StatusOr<crypto::SecretBytes> ExchangeKeyOf(uint64_t key_leaf);

  // The wrap kept under a leaf's index, unopened.
  absl::StatusOr<v1::WrappedExchangeKey> WrapOf(uint64_t key_leaf) const;

  // The intake key of this hour was destroyed.
  void Forget(uint64_t hour);
  // Whether this hour's intake key was given out just now to seal with: what was sealed may still
  // be on its way to the disk. A clock set back takes an old hour into use again.
  bool InUse(uint64_t hour) const;

  // Viet Nam's year at this time.
  static uint32_t YearOf(absl::Time time);
  // A reference to a value under the key of a year. A year's key is made on its first use;
  // kNotFound if create is false and it was not. Empty for an empty value.
  absl::StatusOr<v1::KeyedReference> Reference(ReferenceKind kind, absl::string_view value,
                                               uint32_t year, bool create);
  uint32_t CurrentYear() const { return YearOf(clock_.Now()); }

 private:
  // Reads and unwraps a key; makes, writes and returns it if it does not exist and create is set.
  absl::StatusOr<crypto::SecretBytes> Load(const std::string& database_key, bool create)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(making_);
  absl::StatusOr<std::shared_ptr<const IntakeKey>> FindOrLoad(uint64_t hour, bool create);
  std::shared_ptr<const IntakeKey> Cached(uint64_t hour);
  using SharedKey = std::shared_ptr<const crypto::SecretBytes>;
  absl::StatusOr<SharedKey> ReferenceKeyOf(uint32_t year, bool create);
  SharedKey CachedReferenceKey(uint32_t year);

  store::Database& database_;
  const crypto::SecretBytes master_;
  const core::Clock& clock_;
  core::Random& random_;
  const std::function<void(const absl::Status&)> on_failed_write_;
  std::atomic<uint64_t> prepared_hour_ = 0;
  std::atomic<uint64_t> hour_in_use_ = 0;
  std::atomic<int64_t> used_ns_ = 0;
  // Held while a key is read or made, so that none is made twice; never by who finds it in memory.
  core::Mutex making_;
  core::Mutex mutex_ ABSL_ACQUIRED_AFTER(making_);
  std::map<uint64_t, std::shared_ptr<const IntakeKey>> intake_ ABSL_GUARDED_BY(mutex_);
  std::map<uint32_t, SharedKey> references_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace ndx::journal
