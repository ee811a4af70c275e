#include "ndx/tools/ndxctl/doctor_checks.h"

#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ndx/crypto/certificate.h"
#include "ndx/settings/settings_loader.h"
#include "ndx/tools/ndxctl/caller_credentials.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {
namespace {

Finding Good(const std::string& subject, const std::string& detail) {
  return {.verdict = Verdict::kGood, .subject = subject, .detail = detail};
}

Finding Bad(const std::string& subject, const std::string& detail, const std::string& remedy_en,
            const std::string& remedy_vi) {
  return {Verdict::kBad, subject, detail, remedy_en, remedy_vi};
}

Finding Warning(const std::string& subject, const std::string& detail, const std::string& remedy_en,
                const std::string& remedy_vi) {
  return {Verdict::kWarning, subject, detail, remedy_en, remedy_vi};
}

// The directory itself, or where it is not there yet its parent.
std::filesystem::path ExistingPart(const std::string& directory) {
  std::error_code error;
  const std::filesystem::path path(directory);
  return std::filesystem::exists(path, error) ? path : path.parent_path();
}

Finding CheckSpace(const std::filesystem::path& directory, uint64_t low_water) {
  std::error_code error;
  const auto space = std::filesystem::space(directory, error);
  if (error) {
    return Bad("disk space", error.message(), "make the directory reachable",
               "kiểm tra thư mục nhật ký");
  }
  const std::string detail =
      absl::StrCat(BytesText(space.available), " free, low-water mark ", BytesText(low_water));
  if (space.available < low_water) {
    return Bad("disk space", detail, "free space: new exchanges are refused",
               "giải phóng dung lượng: nút đang từ chối giao dịch mới");
  }
  if (space.available < 4 * low_water) {
    return Warning("disk space", detail, "free space soon", "sớm giải phóng dung lượng");
  }
  return Good("disk space", detail);
}

Finding CheckProvider(const console::v1::ProviderStatus& provider) {
  const std::string subject = absl::StrCat("provider ", provider.system());
  if (provider.breaker() == console::v1::BREAKER_STATE_OPEN) {
    return Bad(subject, absl::StrCat("breaker open since ", TimeText(provider.since())),
               "ask the provider's operators; calls go on by themselves when it answers",
               "liên hệ bên cung cấp; tự nối lại khi bên đó hoạt động");
  }
  if (!provider.healthy()) {
    return Bad(subject, absl::StrCat(provider.endpoint(), " ", provider.detail()),
               "start the adapter, or correct the endpoint in the registry",
               "khởi động bộ nối, hoặc sửa địa chỉ trong danh bạ");
  }
  return Good(subject, provider.endpoint());
}

Finding CheckFollower(const console::v1::FollowerStatus& follower, absl::Time now) {
  const std::string subject = "payload keys";
  const std::string remedy_en = "see follower_trouble in the node's log; nothing can be erased";
  const std::string remedy_vi =
      "xem follower_trouble trong nhật ký vận hành; chưa thể xoá dữ liệu theo yêu cầu";
  if (!follower.trouble().empty()) return Bad(subject, follower.trouble(), remedy_en, remedy_vi);
  const absl::Time oldest = absl::FromUnixSeconds(follower.oldest_intake_key().seconds());
  if (follower.has_oldest_intake_key() && now - oldest > kIntakeKeyAgeMax) {
    return Bad(subject, absl::StrCat("an intake key is kept since ", TimeText(oldest)), remedy_en,
               remedy_vi);
  }
  const absl::Duration lag = absl::Seconds(follower.lag().seconds());
  const std::string detail = absl::StrCat("moved up to record ", follower.followed_to());
  if (lag <= kFollowerLagWarning) return Good(subject, detail);
  return Warning(subject, absl::StrCat(detail, ", behind by ", absl::FormatDuration(lag)),
                 "wait, or give the node's disk and processor relief",
                 "chờ, hoặc giảm tải ổ đĩa và bộ xử lý của nút");
}

Finding CheckRetention(const console::v1::RetentionStatus& retention) {
  const std::string subject = "retention of payloads";
  if (!retention.trouble().empty()) {
    return Bad(subject, retention.trouble(), "see the node's log", "xem nhật ký vận hành của nút");
  }
  if (!retention.ends()) {
    return Warning(subject, "payloads are kept for ever",
                   "set journal.retention.security_level to the system's approved level (2 to 5)",
                   "đặt journal.retention.security_level theo cấp độ đã được phê duyệt (2 đến 5)");
  }
  if (retention.clock_held()) {
    return Bad(subject,
               absl::StrCat("waits: the clock is ahead by ",
                            absl::FormatDuration(absl::Seconds(retention.clock_ahead().seconds()))),
               "check the clock, then ndxctl journal retention --confirm-clock --reason …",
               "kiểm tra đồng hồ, rồi ndxctl journal retention --confirm-clock --reason …");
  }
  const absl::Duration lag = absl::Seconds(retention.lag().seconds());
  const std::string detail =
      absl::StrCat("removed the payloads of ", retention.exchanges_pruned(), " exchanges, ",
                   retention.kept_back(), " kept back, behind by ", absl::FormatDuration(lag));
  if (lag > kRetentionLagMax) {
    return Warning(subject, detail, "see the node's load and log",
                   "xem tải và nhật ký vận hành của nút");
  }
  return Good(subject, detail);
}

}  // namespace

Finding CheckSettings(const std::string& file, settings::v1::NodeSettings& settings) {
  const absl::Status loaded = settings::LoadSettings({file}, settings, nullptr);
  if (loaded.ok()) return Good("settings", file);
  return Bad("settings", std::string(loaded.message()), "correct the file, path and value named",
             "sửa tệp, khóa và giá trị nêu trên");
}

Finding CheckSecretFile(const std::string& subject, const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    return Bad(subject, absl::StrCat(path, " is not there or cannot be reached"),
               "make the key, or correct its path", "tạo khóa, hoặc sửa đường dẫn");
  }
  if (!S_ISREG(info.st_mode)) {
    return Bad(subject, absl::StrCat(path, " is no regular file"), "use a file", "dùng tệp thường");
  }
  const unsigned mode = info.st_mode & 07777U;
  if ((mode & 077U) != 0) {
    return Bad(subject, absl::StrFormat("%s has mode %04o", path, mode),
               absl::StrCat("chmod 0600 ", path), absl::StrCat("chmod 0600 ", path));
  }
  return Good(subject, absl::StrFormat("%s, mode %04o", path, mode));
}

Finding CheckCertificate(const std::string& subject, const std::string& path, absl::Time now) {
  const auto certificate = crypto::Certificate::Load(path);
  if (absl::IsNotFound(certificate.status())) {
    return Bad(subject, std::string(certificate.status().message()), "correct the path",
               "sửa đường dẫn");
  }
  if (!certificate.ok()) {
    return Bad(subject, std::string(certificate.status().message()),
               "replace the file by a certificate in PEM", "thay bằng chứng thư số dạng PEM");
  }
  if (now < certificate->not_before()) {
    return Bad(subject,
               absl::StrCat(path, " is valid only from ", TimeText(certificate->not_before())),
               "check the clock", "kiểm tra đồng hồ");
  }
  const int64_t days = absl::ToInt64Hours(certificate->not_after() - now) / 24;
  if (now > certificate->not_after()) {
    return Bad(subject, absl::StrCat(path, " expired ", TimeText(certificate->not_after())),
               "renew it", "gia hạn chứng thư số");
  }
  const std::string detail = absl::StrCat(path, ", ", days, " days left");
  if (days < kCertificateDaysWarning) return Warning(subject, detail, "renew it", "gia hạn sớm");
  return Good(subject, detail);
}

std::vector<Finding> CheckJournal(const settings::v1::JournalSettings& settings) {
  std::vector<Finding> findings;
  const std::filesystem::path directory = ExistingPart(settings.directory());
  struct stat info {};
  if (stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return {Bad("journal", absl::StrCat(settings.directory(), " cannot be made: no parent"),
                "make the parent directory", "tạo thư mục cha")};
  }
  if (access(directory.c_str(), W_OK | X_OK) != 0) {
    findings.push_back(Bad("journal", absl::StrCat(directory.string(), " is not writable for you"),
                           "run as the node's user, or correct the owner",
                           "chạy bằng người dùng của nút, hoặc sửa chủ sở hữu"));
  } else if (directory == settings.directory() && (info.st_mode & 07U) != 0) {
    findings.push_back(Warning("journal", absl::StrCat(directory.string(), " is open to everybody"),
                               absl::StrCat("chmod 0700 ", directory.string()),
                               absl::StrCat("chmod 0700 ", directory.string())));
  } else {
    findings.push_back(Good("journal", settings.directory()));
  }
  findings.push_back(CheckSpace(directory, settings.low_water_bytes()));
  return findings;
}

Finding CheckClock() {
  timex state{};
  const int verdict = adjtimex(&state);
  if (verdict < 0) {
    return {
        .verdict = Verdict::kNotChecked, .subject = "clock", .detail = "the kernel does not say"};
  }
  if (verdict == TIME_ERROR) {
    return Warning("clock", "not synchronised", "run chrony or systemd-timesyncd",
                   "bật chrony hoặc systemd-timesyncd");
  }
  return Good("clock", "synchronised");
}

Finding CompareClocks(absl::Time node, absl::Time here) {
  const absl::Duration difference = absl::AbsDuration(node - here);
  const std::string detail = absl::StrCat(
      "differs by ", absl::FormatDuration(absl::Trunc(difference, absl::Milliseconds(1))));
  if (difference <= kClockDifferenceMax) return Good("node's clock", detail);
  return Bad("node's clock", detail, "correct the time service of the node",
             "sửa dịch vụ thời gian của nút");
}

std::vector<Finding> CheckStatus(const console::v1::GetStatusResponse& status) {
  std::vector<Finding> findings = {
      Good("node", absl::StrCat(status.system(), ", version ", status.version()))};
  for (const auto& condition : status.conditions()) {
    if (condition.met()) continue;
    findings.push_back(Bad(absl::StrCat("node: ", condition.name()), condition.detail(),
                           "see the node's log", "xem nhật ký vận hành của nút"));
  }
  if (!status.journal().writable()) {
    findings.push_back(Bad("journal", "takes no new exchanges", "free space; see the node's log",
                           "giải phóng dung lượng; xem nhật ký vận hành của nút"));
  }
  if (status.journal().in_doubt() > 0) {
    findings.push_back(Warning("exchanges in doubt", absl::StrCat(status.journal().in_doubt()),
                               "ndxctl journal list --outcome in-doubt, then ndxctl resolve",
                               "ndxctl journal list --outcome in-doubt, rồi ndxctl resolve"));
  }
  if (status.journal().has_follower()) {
    findings.push_back(
        CheckFollower(status.journal().follower(), absl::FromUnixSeconds(status.now().seconds())));
  }
  if (status.journal().has_retention()) {
    findings.push_back(CheckRetention(status.journal().retention()));
  }
  for (const auto& provider : status.providers()) findings.push_back(CheckProvider(provider));
  return findings;
}

}  // namespace ndx::tools::ndxctl
