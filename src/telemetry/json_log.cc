#include "ndx/telemetry/json_log.h"

#include <fcntl.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "absl/strings/str_cat.h"

namespace ndx::telemetry {
namespace {

// Writes lines to a descriptor. spdlog's own file sink throws when the file cannot be opened.
class DescriptorSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  DescriptorSink(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}
  ~DescriptorSink() override {
    if (owned_) close(descriptor_);
  }
  DescriptorSink(const DescriptorSink&) = delete;
  DescriptorSink& operator=(const DescriptorSink&) = delete;

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string line(message.payload.data(), message.payload.size());
    line.push_back('\n');
    size_t at = 0;
    while (at < line.size()) {
      const ssize_t wrote = write(descriptor_, line.data() + at, line.size() - at);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return;  // the log's own failure has nowhere to be logged
      at += static_cast<size_t>(wrote);
    }
  }
  void flush_() override {}

  const int descriptor_;
  const bool owned_;
};

// Lines of one event in the current second. Two threads at the turn of a second may let a line or
// two more through, which is harmless.
struct EventRate {
  std::atomic<int64_t> second{0};
  std::atomic<uint64_t> lines{0};
  std::atomic<uint64_t> held_back{0};
};

}  // namespace

struct JsonLog::State {
  State(const JsonLogOptions& given, const core::Clock& the_clock, int descriptor)
      : options(given),
        clock(the_clock),
        rates(LogEventCatalogue().size()),
        // One thread: lines stay in the order in which they were queued.
        pool(std::make_shared<spdlog::details::thread_pool>(options.queue_lines_max, 1)),
        logger(std::make_shared<spdlog::async_logger>(
            "ndx", std::make_shared<DescriptorSink>(descriptor, !options.file.empty()), pool,
            spdlog::async_overflow_policy::overrun_oldest)) {}

  // True when the line may leave; *held_back then says how many did not before it.
  bool Admit(LogEvent event, absl::Time now, uint64_t* held_back) {
    EventRate& rate = rates[static_cast<size_t>(event)];
    const int64_t second = absl::ToUnixSeconds(now);
    if (rate.second.exchange(second) != second) rate.lines.store(0);
    if (rate.lines.fetch_add(1) >= kLogLinesPerSecondMax) {
      rate.held_back.fetch_add(1);
      suppressed.fetch_add(1);
      return false;
    }
    *held_back = rate.held_back.exchange(0);
    return true;
  }

  const JsonLogOptions options;
  const core::Clock& clock;
  std::vector<EventRate> rates;
  std::atomic<uint64_t> suppressed{0};
  // Shared because spdlog asks for it: the logger keeps a weak reference to the pool and queued
  // messages keep the logger.
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

absl::StatusOr<std::unique_ptr<JsonLog>> JsonLog::Open(const JsonLogOptions& options,
                                                       const core::Clock& clock) {
  int descriptor = STDERR_FILENO;
  if (!options.file.empty()) {
    descriptor = open(options.file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
      return absl::UnavailableError(
          absl::StrCat("log file ", options.file, " cannot be opened: ", std::strerror(errno)));
    }
  }
  return std::unique_ptr<JsonLog>(new JsonLog(std::make_unique<State>(options, clock, descriptor)));
}

JsonLog::JsonLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

JsonLog::~JsonLog() {
  state_->logger.reset();
  state_->pool.reset();  // joins after the queue has been written
}

bool JsonLog::Wants(LogEvent event) const {
  return EntryOf(event).severity >= state_->options.severity_min;
}

void JsonLog::Write(LogEvent event, absl::Span<const LogField> fields) {
  if (!Wants(event)) return;
  const absl::Time now = state_->clock.Now();
  uint64_t held_back = 0;
  if (!state_->Admit(event, now, &held_back)) return;
  const std::string line = FormatLogLine(now, event, fields, held_back);
  state_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

uint64_t JsonLog::lines_dropped() const { return state_->pool->overrun_counter(); }
uint64_t JsonLog::lines_suppressed() const { return state_->suppressed.load(); }

}  // namespace ndx::telemetry
