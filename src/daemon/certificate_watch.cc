#include "ndx/daemon/certificate_watch.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "duration_setting.h"
#include "ndx/crypto/certificate.h"
#include "ndx/store/whole_file.h"

namespace ndx::daemon {
namespace {

using telemetry::LogEvent;

constexpr size_t kFileBytesMax = size_t{1} << 20;
constexpr absl::Duration kDay = absl::Hours(24);

// When the first certificate of the file ends that has to; of a chain, the leaf and what is above
// it.
absl::StatusOr<absl::Time> EndOf(const std::string& file) {
  const auto pem = store::ReadWholeFile(file, kFileBytesMax);
  if (!pem.ok()) return pem.status();
  const auto certificates = crypto::Certificate::ListFromPem(*pem);
  if (!certificates.ok()) return certificates.status();
  absl::Time end = absl::InfiniteFuture();
  for (const auto& certificate : *certificates) end = std::min(end, certificate.not_after());
  return end;
}

}  // namespace

CertificateWatch::Options CertificateWatch::OptionsOf(
    const settings::v1::CertificateSettings& settings) {
  Options options;
  options.interval = DurationOf(settings.check_interval());
  if (settings.alarm_days_size() > 0) {
    options.alarm_days.assign(settings.alarm_days().begin(), settings.alarm_days().end());
  }
  return options;
}

CertificateWatch::CertificateWatch(const core::Clock& clock, telemetry::MetricRegistry& metrics,
                                   telemetry::Log& log, Options options)
    : clock_(clock),
      log_(log),
      options_(std::move(options)),
      seconds_left_(metrics.AddGauges(
          {.name = "ndx_certificate_seconds_left",
           .help =
               "Seconds until a certificate ends, by what it is for and its file; of several in "
               "a file the one that ends first.",
           .label_names = {"use", "file"}})),
      looked_nanos_(clock.MonotonicNanos()) {}

CertificateWatch::Stamp CertificateWatch::StampOf(const std::vector<std::string>& files) {
  Stamp stamp;
  for (const std::string& file : files) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
      absl::StrAppend(&stamp, "none;");
      continue;
    }
    absl::StrAppend(&stamp, status.st_dev, "/", status.st_ino, "/", status.st_size, "/",
                    status.st_mtim.tv_sec, ".", status.st_mtim.tv_nsec, "/", status.st_ctim.tv_sec,
                    ".", status.st_ctim.tv_nsec, ";");
  }
  return stamp;
}

void CertificateWatch::Show(Shown shown) {
  const core::MutexLock lock(mutex_);
  Stamp stamp = StampOf(shown.files);
  CountDown(shown.use, shown.certificate_file);
  pairs_.push_back({std::move(shown), std::move(stamp)});
}

void CertificateWatch::Believe(std::string use, std::string file) {
  const core::MutexLock lock(mutex_);
  CountDown(use, file);
  believed_.push_back({.use = std::move(use), .certificate_file = std::move(file)});
}

void CertificateWatch::ShowNamed(NamedSource source, std::function<void()> changed) {
  const core::MutexLock lock(mutex_);
  named_ = std::move(source);
  named_changed_ = std::move(changed);
  LookAtNamed();
  for (const Named& named : named_now_) CountDown(named.use, named.certificate_file);
}

void CertificateWatch::Look() {
  const core::MutexLock lock(mutex_);
  const int64_t now = clock_.MonotonicNanos();
  if (now - looked_nanos_ < absl::ToInt64Nanoseconds(options_.interval)) return;
  looked_nanos_ = now;
  for (Pair& pair : pairs_) {
    if (StampOf(pair.shown.files) != pair.stamp) (void)Put(pair);  // what is wrong has been logged
  }
  LookAtNamed();
  CountDownAll();
}

absl::Status CertificateWatch::Reload() {
  const core::MutexLock lock(mutex_);
  absl::Status first;
  for (Pair& pair : pairs_) {
    absl::Status put = Put(pair);
    if (first.ok() && !put.ok()) {
      first = absl::Status(put.code(), absl::StrCat(pair.shown.use, ": ", put.message()));
    }
  }
  LookAtNamed();
  CountDownAll();
  return first;
}

// The stamp is taken first: what changes while the files are read is seen at the next look.
absl::Status CertificateWatch::Put(Pair& pair) {
  Stamp stamp = StampOf(pair.shown.files);
  const bool changed = stamp != pair.stamp;
  pair.stamp = std::move(stamp);
  absl::Status put = pair.shown.put();
  const std::string& file = pair.shown.certificate_file;
  if (!put.ok()) {
    log_.Write(LogEvent::kCertificateRefused,
               {{"use", pair.shown.use}, {"file", file}, {"error", put}});
  } else if (changed) {
    const auto end = EndOf(file);
    log_.Write(LogEvent::kCertificateLoaded,
               {{"use", pair.shown.use},
                {"file", file},
                {"not_after", end.ok() ? absl::FormatTime(*end, absl::UTCTimeZone()) : ""}});
    alarmed_.erase(file);
  }
  return put;
}

void CertificateWatch::LookAtNamed() {
  if (!named_) return;
  named_now_ = named_();
  std::map<std::string, Stamp> stamps;
  bool changed = false;
  for (const Named& named : named_now_) {
    Stamp& stamp = stamps[named.certificate_file];
    stamp = StampOf(named.files);
    const auto before = named_stamps_.find(named.certificate_file);
    if (before == named_stamps_.end() || before->second == stamp) continue;
    changed = true;
    alarmed_.erase(named.certificate_file);
    log_.Write(LogEvent::kCertificateLoaded,
               {{"use", named.use}, {"file", named.certificate_file}});
  }
  named_stamps_ = std::move(stamps);
  if (changed) named_changed_();
}

void CertificateWatch::CountDownAll() {
  for (const Pair& pair : pairs_) CountDown(pair.shown.use, pair.shown.certificate_file);
  for (const Named& named : believed_) CountDown(named.use, named.certificate_file);
  for (const Named& named : named_now_) CountDown(named.use, named.certificate_file);
}

void CertificateWatch::CountDown(const std::string& use, const std::string& file) {
  const auto end = EndOf(file);
  if (!end.ok()) return;  // whoever uses it says so
  const absl::Time now = clock_.Now();
  const absl::Duration left = *end - now;
  seconds_left_.With({use, file}).Set(absl::ToInt64Seconds(left));
  // The nearest of the days that have come.
  uint32_t days = UINT32_MAX;
  for (const uint32_t day : options_.alarm_days) {
    if (left <= day * kDay) days = std::min(days, day);
  }
  if (days == UINT32_MAX) return;
  const auto [last, first_time] = alarmed_.try_emplace(file, now);
  if (!first_time && now - last->second < kDay && now >= last->second) return;
  last->second = now;
  log_.Write(LogEvent::kCertificateExpiresSoon,
             {{"use", use},
              {"file", file},
              {"days_left", absl::ToInt64Hours(left) / 24},
              {"alarm_days", days},
              {"not_after", absl::FormatTime(*end, absl::UTCTimeZone())}});
}

}  // namespace ndx::daemon
