#include "call_ledger.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace ndx::tests {
namespace {

// Metadata is printable ASCII by the gRPC specification, so that only these two need escaping.
std::string Quoted(absl::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string MetadataJson(const grpc::ServerContext& context) {
  std::string out = "[";
  for (const auto& [key_ref, value_ref] : context.client_metadata()) {
    const absl::string_view key(key_ref.data(), key_ref.size());
    const absl::string_view value(value_ref.data(), value_ref.size());
    const bool binary = absl::EndsWith(key, "-bin");
    absl::StrAppend(&out, out.size() > 1 ? ", " : "", "[", Quoted(key), ", ",
                    Quoted(binary ? absl::Base64Escape(value) : std::string(value)), "]");
  }
  return absl::StrCat(out, "]");
}

}  // namespace

CallLedger::CallLedger(const std::string& path)
    : file_(path.empty() ? nullptr : std::fopen(path.c_str(), "ae")) {
  if (!path.empty() && file_ == nullptr) {
    std::perror(path.c_str());
    std::exit(1);
  }
}

CallLedger::~CallLedger() {
  if (file_ != nullptr) std::fclose(file_);
}

void CallLedger::Begin(absl::string_view method, const grpc::ServerContext& context) {
  const absl::Time deadline = absl::FromChrono(context.deadline());
  const absl::Duration left = deadline - absl::Now();
  // grpc++ says "none" by a time far away.
  const std::string timeout =
      left > absl::Hours(24 * 365) ? "null" : absl::StrCat(absl::ToInt64Milliseconds(left));
  Write(absl::StrCat("{\"method\": ", Quoted(method), ", \"event\": \"begin\", \"timeout_ms\": ",
                     timeout, ", \"metadata\": ", MetadataJson(context), "}\n"));
}

void CallLedger::End(absl::string_view method, const grpc::ServerContext& context,
                     const grpc::Status& status) {
  Write(absl::StrCat("{\"method\": ", Quoted(method), ", \"event\": \"end\", \"cancelled\": ",
                     context.IsCancelled() ? "true" : "false",
                     ", \"code\": ", static_cast<int>(status.error_code()), "}\n"));
}

void CallLedger::Write(const std::string& line) {
  const core::MutexLock lock(mutex_);
  if (file_ == nullptr) return;
  if (std::fwrite(line.data(), 1, line.size(), file_) != line.size() || std::fflush(file_) != 0) {
    std::perror("ledger");
    std::exit(1);
  }
}

}  // namespace ndx::tests
