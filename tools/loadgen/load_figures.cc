#include "ndx/tools/loadgen/load_figures.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace ndx::tools::loadgen {
namespace {

double Micros(int64_t nanos) { return static_cast<double>(nanos) / 1e3; }

// Texts here are addresses, names of statuses and error texts; control characters do not belong in
// any of them.
std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
  }
  out.push_back('"');
  return out;
}

std::string Latencies(const LatencyHistogram& histogram) {
  return absl::StrFormat(
      R"({"count": %d, "mean": %.1f, "p50": %.1f, "p90": %.1f, "p99": %.1f, "p999": %.1f, "max": %.1f})",
      histogram.count(), histogram.MeanNanos() / 1e3, Micros(histogram.Quantile(0.5)),
      Micros(histogram.Quantile(0.9)), Micros(histogram.Quantile(0.99)),
      Micros(histogram.Quantile(0.999)), Micros(histogram.max()));
}

std::string Statuses(const LoadFigures& figures, absl::string_view separator, bool quoted) {
  std::string out;
  for (const auto& [status, count] : figures.by_status) {
    absl::StrAppend(&out, out.empty() ? "" : separator, quoted ? Quoted(status) : status, ": ",
                    count);
  }
  return out;
}

double CpuPerRequest(const LoadFigures& figures) {
  return figures.requests == 0 ? 0 : figures.cpu_us / static_cast<double>(figures.requests);
}

}  // namespace

double LoadFigures::PerSecond() const {
  if (seconds <= 0) return 0;
  return static_cast<double>(requests - unsent) / seconds;
}

std::string JsonReport(const LoadShape& shape, const LoadFigures& figures) {
  return absl::StrCat(
      "{\"target\": ", Quoted(shape.target), ", \"tls\": ", shape.tls ? "true" : "false",
      ", \"mode\": ", shape.rate > 0 ? "\"open\"" : "\"closed\"",
      absl::StrFormat(", \"rate\": %.6g", shape.rate), ", \"payload\": ", Quoted(shape.payload),
      ", \"concurrency\": ", shape.concurrency, ", \"connections\": ", shape.connections,
      ", \"requests\": ", figures.requests, ", \"by_status\": {", Statuses(figures, ", ", true),
      "}, \"wrong_answers\": ", figures.wrong_answers, ", \"unsent\": ", figures.unsent,
      ", \"faults\": ", figures.faults, ", \"first_fault\": ", Quoted(figures.first_fault),
      absl::StrFormat(", \"seconds\": %.3f, \"requests_per_second\": %.1f", figures.seconds,
                      figures.PerSecond()),
      ", \"latency_us\": ", Latencies(figures.answered),
      ", \"failed_latency_us\": ", Latencies(figures.failed),
      absl::StrFormat(", \"cpu_us_per_request\": %.2f}", CpuPerRequest(figures)));
}

std::string ReportLine(const LoadShape& shape, const LoadFigures& figures) {
  return absl::StrFormat(
      "%s, %s, payload %s, %s: %d requests (%s), %d wrong, %d unsent; %.0f/s, p50 %.0f us, p99 "
      "%.0f us, p999 %.0f us, max %.0f us; own processor time %.1f us a request",
      shape.target, shape.tls ? "mutual TLS" : "plaintext", shape.payload,
      shape.rate > 0 ? absl::StrFormat("%.6g/s", shape.rate)
                     : absl::StrFormat("%d under way", shape.concurrency),
      figures.requests, Statuses(figures, ", ", false), figures.wrong_answers, figures.unsent,
      figures.PerSecond(), Micros(figures.answered.Quantile(0.5)),
      Micros(figures.answered.Quantile(0.99)), Micros(figures.answered.Quantile(0.999)),
      Micros(figures.answered.max()), CpuPerRequest(figures));
}

}  // namespace ndx::tools::loadgen
