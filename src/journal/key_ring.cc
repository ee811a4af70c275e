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
// Viet Nam has no summer time; a fixed offset needs no time zone files.
constexpr int kVietNamOffsetSeconds = 7 * 3600;
constexpr absl::Duration kPrepareBefore = absl::Minutes(10);

uint64_t HourOf(absl::Time time) { return static_cast<uint64_t>(absl::ToUnixSeconds(time) / 3600); }

}  // namespace

KeyRing::KeyRing(store::Database& database, crypto::SecretBytes master, const core::Clock& clock,
                 core::Random& random, std::function<void(const absl::Status&)> on_failed_write)
    : database_(database),
      master_(std::move(master)),
      clock_(clock),
      random_(random),
      on_failed_write_(std::move(on_failed_write)) {}

std::string KeyRing::MasterKeyCheck(absl::string_view master) {
  const crypto::Digest check = crypto::HmacSha256(master, {"ndx master key check v1"});
  return std::string(crypto::AsBytes(check));
}

absl::StatusOr<std::shared_ptr<const IntakeKey>> KeyRing::CurrentIntakeKey() {
  return FindOrLoad(HourOf(clock_.Now()), true);
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

absl::StatusOr<crypto::SecretBytes> KeyRing::ExchangeKeyOf(uint64_t key_leaf) {
  NDX_ASSIGN_OR_RETURN(const std::string bytes, database_.Get(kKeyFamily, WrapKeyKey(key_leaf)));
  v1::WrappedExchangeKey wrapped;
  if (!wrapped.ParseFromString(bytes)) return absl::DataLossError("a wrapped key is damaged");
  NDX_ASSIGN_OR_RETURN(const auto intake, IntakeKeyOf(wrapped.intake_hour()));
  return crypto::UnwrapKey(intake->key.view(), wrapped.wrapped());
}

absl::StatusOr<KeyRing::ReferenceKey> KeyRing::CurrentReferenceKey() {
  const absl::TimeZone zone = absl::FixedTimeZone(kVietNamOffsetSeconds);
  const auto year = static_cast<uint32_t>(absl::ToCivilYear(clock_.Now(), zone).year());
  const auto cached = [&] {
    core::MutexLock lock(mutex_);
    return reference_.year == year ? reference_ : ReferenceKey();
  };
  if (ReferenceKey found = cached(); found.key != nullptr) return found;
  core::MutexLock making(making_);
  if (ReferenceKey found = cached(); found.key != nullptr) return found;
  NDX_ASSIGN_OR_RETURN(crypto::SecretBytes key, Load(ReferenceKeyKey(year), true));
  core::MutexLock lock(mutex_);
  reference_ = {.year = year, .key = std::make_shared<crypto::SecretBytes>(std::move(key))};
  return reference_;
}

}  // namespace ndx::journal
