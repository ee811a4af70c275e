#include "load_report.h"

#include <cstdio>

#include "absl/strings/str_cat.h"

namespace ndx::tools::datagen {
namespace {

constexpr int64_t kRepaintNanos = 200'000'000;
constexpr int64_t kLineNanos = 5'000'000'000;

}  // namespace

LoadReport::LoadReport(const core::Clock& clock, bool terminal)
    : clock_(clock),
      terminal_(terminal),
      begin_nanos_(clock.MonotonicNanos()),
      shown_nanos_(begin_nanos_) {}

void LoadReport::Step(absl::string_view database, absl::string_view table, uint64_t rows) {
  const int64_t now = clock_.MonotonicNanos();
  core::MutexLock lock(mutex_);
  if (now - shown_nanos_ < (terminal_ ? kRepaintNanos : kLineNanos)) return;
  shown_nanos_ = now;
  const std::string line = absl::StrCat(database, ".", table, ": ", rows, " rows");
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  painted_ = terminal_;
}

void LoadReport::Clear() {
  core::MutexLock lock(mutex_);
  if (!painted_) return;
  std::fputs("\r\033[K", stderr);
  std::fflush(stderr);
  painted_ = false;
}

double LoadReport::Seconds() const {
  return static_cast<double>(clock_.MonotonicNanos() - begin_nanos_) / 1e9;
}

}  // namespace ndx::tools::datagen
