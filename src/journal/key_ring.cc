#include "key_ring.h"

#include "absl/time/time.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/aes_gcm.h"
#include "ndx/crypto/digest.h"
#include "ndx/crypto/key_derivation.h"
#include "ndx/crypto/key_wrap.h"
#include "store_layout.h"

namespace ndx::journal {
namespace {

constexpr size_t kIntakeKeysCached = 48;
constexpr size_t kReferenceBytes = 16;
// Viet Nam has no summer time; a fixed offset needs no time zone files.
constexpr int kVietNamOffsetSeconds = 7 * 3600;
constexpr absl::Duration kPrepareBefore = absl::Minutes(10);
// Longer than any record waits between being sealed and being written.
constexpr absl::Duration kInUseFor = absl::Minutes(10);

uint64_t HourOf(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time) / 3600); }

absl::string_view KindName(ReferenceKind kind) {
  switch (kind) {
    case ReferenceKind::kDossier:
      return "dossier";
    case ReferenceKind::kOfficer:
      return "officer";
    case ReferenceKind::kSubject:
      return "subject";
    case ReferenceKind::kOrderKey:
      return "order key";
  }
  return "";
}

}  // namespace

KeyRing::KeyRing(store::Database& database, crypto::SecretBytes master, const core::Clock& clock,
                 core::Random& random, std::function<void(const absl::Status&)> on_failed_write)
    : database_(database),
      master_(std::move(master)),
      clock_(clock),
      random_(random),
      on_failed_write_(std::move(on_failed_write)) {}

absl::StatusOr<std::shared_ptr<const IntakeKey>> KeyRing::CurrentIntakeKey() {
  const uint64_t hour = HourOf(clock_.Now());
  hour_in_use_.store(hour, std::memory_order_relaxed);
  used_ns_.store(clock_.MonotonicNanos(), std::memory_order_relaxed);
  return FindOrLoad(hour, true);
}

absl::StatusOr<std::shared_ptr<const IntakeKey>> KeyRing::IntakeKeyOf(uint64_t hour) {
  return FindOrLoad(hour, false);
}

bool KeyRing::NextHourDue(uint64_t* hour) {
  const uint64_t next = HourOf(clock_.Now() + kPrepareBefore);
  uint64_t prepared = prepared_hour_.load(std::memory_order_relaxed);
  if (prepared >= next) return false;
  *hour = next;
  return prepared_hour_.compare_exchange_strong(prepared, next);
}

void KeyRing::PrepareHour(uint64_t hour) {
  (void)FindOrLoad(hour, true);  // whoever needs it will try again and have the error
}

std::shared_ptr<const IntakeKey> KeyRing::Cached(uint64_t hour) {
  core::MutexLock lock(mutex_);
  const auto found = intake_.find(hour);
  return found == intake_.end() ? nullptr : found->second;
}

absl::StatusOr<std::shared_ptr<const IntakeKey>> KeyRing::FindOrLoad(uint64_t hour, bool create) {
  if (auto cached = Cached(hour); cached != nullptr) return cached;
  core::MutexLock making(making_);
  if (auto cached = Cached(hour); cached != nullptr) return cached;
  auto intake = std::make_shared<IntakeKey>();
  intake->hour = hour;
  NDX_ASSIGN_OR_RETURN(intake->key, Load(IntakeKeyKey(hour), create));
  intake->recall = crypto::HkdfSha256(
      {.key = intake->key.view(), .salt = {}, .info = "ndx recall v1"}, crypto::kDigestBytes);
  core::MutexLock lock(mutex_);
  if (intake_.size() >= kIntakeKeysCached) intake_.erase(intake_.begin());
  intake_[hour] = intake;
  return intake;
}

absl::StatusOr<crypto::SecretBytes> KeyRing::Load(const std::string& database_key, bool create) {
  const auto wrapped = database_.Get(kKeyFamily, database_key);
  if (wrapped.ok()) return crypto::UnwrapKey(master_.view(), *wrapped);
  if (!create || !absl::IsNotFound(wrapped.status())) return wrapped.status();
  crypto::SecretBytes key = crypto::SecretBytes::Generate(random_, crypto::kAesKeyBytes);
  NDX_ASSIGN_OR_RETURN(const std::string fresh, crypto::WrapKey(master_.view(), key.view()));
  store::Batch batch;
  batch.Put(kKeyFamily, database_key, fresh);
  const absl::Status written = database_.WriteSynced(batch);
  if (!written.ok()) {
    on_failed_write_(written);
    return written;
  }
  return key;
}

v1::WrappedExchangeKey KeyRing::Wrap(const IntakeKey& intake,
                                     absl::string_view exchange_key) const {
  v1::WrappedExchangeKey wrapped;
  wrapped.set_intake_hour(intake.hour);
  wrapped.set_wrapped(crypto::WrapKey(intake.key.view(), exchange_key).value());
  return wrapped;
}

absl::StatusOr<v1::WrappedExchangeKey> KeyRing::WrapOf(uint64_t key_leaf) const {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_.Get(kKeyFamily, WrapKeyKey(key_leaf)));
  v1::WrappedExchangeKey wrapped;
  if (!wrapped.ParseFromString(bytes)) return absl::DataLossError("a wrapped key is damaged");
  return wrapped;
}

absl::StatusOr<crypto::SecretBytes> KeyRing::ExchangeKeyOf(uint64_t key_leaf) {
  NDX_ASSIGN_OR_RETURN(const v1::WrappedExchangeKey wrapped, WrapOf(key_leaf));
  return Unwrap(wrapped);
}

absl::StatusOr<crypto::SecretBytes> KeyRing::Unwrap(const v1::WrappedExchangeKey& wrapped) {
  NDX_ASSIGN_OR_RETURN(const auto intake, IntakeKeyOf(wrapped.intake_hour()));
  return crypto::UnwrapKey(intake->key.view(), wrapped.wrapped());
}

bool KeyRing::InUse(uint64_t hour) const {
  const int64_t since = clock_.MonotonicNanos() - used_ns_.load(std::memory_order_relaxed);
  return hour_in_use_.load(std::memory_order_relaxed) == hour &&
         since < absl::ToInt64Nanoseconds(kInUseFor);
}

void KeyRing::Forget(uint64_t hour) {
  core::MutexLock making(making_);
  core::MutexLock lock(mutex_);
  intake_.erase(hour);
}

uint32_t KeyRing::YearOf(absl::Time time) {
  static const absl::TimeZone zone = absl::FixedTimeZone(kVietNamOffsetSeconds);
  return static_cast<uint32_t>(absl::ToCivilYear(time, zone).year());
}

KeyRing::SharedKey KeyRing::CachedReferenceKey(uint32_t year) {
  core::MutexLock lock(mutex_);
  const auto found = references_.find(year);
  return found == references_.end() ? nullptr : found->second;
}

absl::StatusOr<KeyRing::SharedKey> KeyRing::ReferenceKeyOf(uint32_t year, bool create) {
  if (auto found = CachedReferenceKey(year); found != nullptr) return found;
  core::MutexLock making(making_);
  if (auto found = CachedReferenceKey(year); found != nullptr) return found;
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes key, Load(ReferenceKeyKey(year), create));
  auto shared = std::make_shared<const crypto::SecretBytes>(std::move(key));
  core::MutexLock lock(mutex_);
  references_[year] = shared;
  return shared;
}

absl::StatusOr<v1::KeyedReference> KeyRing::Reference(ReferenceKind kind, absl::string_view value,
                                                      uint32_t year, bool create) {
  v1::KeyedReference reference;
  if (value.empty()) return reference;
  NDX_ASSIGN_OR_RETURN(const SharedKey key, ReferenceKeyOf(year, create));
  const crypto::Digest mac =
      crypto::HmacSha256(key->view(), {KindName(kind), absl::string_view("\0", 1), value});
  reference.set_hmac(mac.data(), kReferenceBytes);
  reference.set_key_year(year);
  return reference;
}

}  // namespace ndx::journal
