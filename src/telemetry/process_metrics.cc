#include "ndx/telemetry/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace ndx::telemetry {
namespace {

double ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return static_cast<double>(resident_pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenDescriptors() {
  DIR* const directory = opendir("/proc/self/fd");
  if (directory == nullptr) return 0;
  int entries = 0;
  while (readdir(directory) != nullptr) ++entries;
  closedir(directory);
  return entries - 3;  // ".", ".." and the one that reads
}

double DescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<double>(limit.rlim_cur);
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

void AddProcessMetrics(MetricRegistry& metrics, absl::string_view program,
                       absl::string_view version, absl::Time started) {
  using enum MetricRegistry::SourceKind;
  metrics.AddSource(kGauge, "process_resident_memory_bytes", "Resident memory.", ResidentBytes);
  metrics.AddSource(kGauge, "process_open_fds", "Open file descriptors.", OpenDescriptors);
  metrics.AddSource(kGauge, "process_max_fds", "Most file descriptors allowed.", DescriptorLimit);
  metrics.AddSource(kCounter, "process_cpu_seconds_total", "Processor time, user and system.",
                    ProcessorSeconds);
  const double start = absl::ToDoubleSeconds(started - absl::UnixEpoch());
  metrics.AddSource(kGauge, "process_start_time_seconds", "Start, in seconds since 1970.",
                    [start] { return start; });
  metrics
      .AddGauges({.name = "ndx_build_info",
                  .help = "The program and version that run; always 1.",
                  .label_names = {"program", "version"}})
      .With({program, version})
      .Set(1);
}

}  // namespace ndx::telemetry
