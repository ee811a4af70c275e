#include "ndx/anchors/witness.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/crypto/digest.h"
#include "ndx/store/directory.h"
#include "ndx/store/whole_file.h"

namespace ndx::anchors {
namespace {

constexpr size_t kFileNameBytes = 16;

std::string FileNameOf(absl::string_view text) {
  const crypto::Digest digest = crypto::Sha256Of({text});
  return absl::BytesToHexString(crypto::AsBytes(digest).substr(0, kFileNameBytes));
}

// The newest checkpoint kept; nothing if none was ever cosigned.
absl::StatusOr<std::optional<journal::TreeHead>> ReadNewest(const std::string& path) {
  const auto slots = store::ReadSlots(path);
  if (absl::IsNotFound(slots.status())) return std::optional<journal::TreeHead>();
  if (!slots.ok()) return slots.status();
  const store::Slot* newest = store::NewestSlot(*slots);
  if (newest == nullptr) {
    // One slot that a crash tore while the very first checkpoint was written is no loss: nothing
    // was cosigned. Two of them are.
    const bool both_damaged = (*slots)[0].state == store::SlotState::kDamaged &&
                              (*slots)[1].state == store::SlotState::kDamaged;
    if (!both_damaged) return std::optional<journal::TreeHead>();
    return absl::DataLossError(
        absl::StrCat(path,
                     ": what was cosigned last cannot be read; restore it, or agree with the log's "
                     "operator on where to begin anew and remove the file"));
  }
  NDX_ASSIGN_OR_RETURN(const journal::Note note, journal::ParseNote(newest->content));
  NDX_ASSIGN_OR_RETURN(const journal::Checkpoint checkpoint, journal::ParseCheckpoint(note.text));
  return std::optional<journal::TreeHead>(checkpoint.head);
}

// The checkpoint with the signatures of this log's trusted keys only.
std::string Evidence(const std::string& checkpoint,
                     const std::vector<journal::NoteVerifier>& logs) {
  const journal::Note note = journal::ParseNote(checkpoint).value();
  journal::Note kept{.text = note.text};
  for (const journal::NoteSignature& signature : note.signatures) {
    for (const journal::NoteVerifier& log : logs) {
      const bool of_log = log.name() == signature.name && log.key_id() == signature.key_id;
      if (of_log && kept.signatures.size() < 2) kept.signatures.push_back(signature);
    }
  }
  return journal::FormatNote(kept);
}

}  // namespace

Witness::Witness(WitnessOptions options, journal::CosignatureSigner signer,
                 store::DirectoryLock lock, const core::Clock& clock, telemetry::Log& log,
                 telemetry::MetricRegistry& metrics)
    : options_(std::move(options)),
      signer_(std::move(signer)),
      lock_(std::move(lock)),
      clock_(clock),
      log_(log),
      answers_(metrics.AddCounters({.name = "ndx_witness_answers_total",
                                    .help = "Answers to logs that ask for a cosignature.",
                                    .label_names = {"status"}})) {}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(WitnessOptions options,
                                                       journal::CosignatureSigner signer,
                                                       const core::Clock& clock,
                                                       telemetry::Log& log,
                                                       telemetry::MetricRegistry& metrics) {
  NDX_RETURN_IF_ERROR(store::MakeDirectory(options.directory, options.faults));
  NDX_RETURN_IF_ERROR(
      store::MakeDirectory(absl::StrCat(options.directory, "/contradictions"), options.faults));
  NDX_ASSIGN_OR_RETURN(store::DirectoryLock lock, store::DirectoryLock::Acquire(options.directory));
  std::unique_ptr<Witness> witness(
      new Witness(std::move(options), std::move(signer), std::move(lock), clock, log, metrics));
  for (const journal::NoteVerifier& verifier : witness->options_.logs) {
    NDX_RETURN_IF_ERROR(witness->OpenState(verifier.name()));
  }
  std::error_code error;
  const core::MutexLock held(witness->mutex_);
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(
           absl::StrCat(witness->options_.directory, "/contradictions"), error)) {
    ++witness->contradictions_;
  }
  return witness;
}

absl::Status Witness::OpenState(const std::string& origin) {
  if (origin.size() > kOriginBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("the origin ", origin, " is too long"));
  }
  const std::string path = absl::StrCat(options_.directory, "/", FileNameOf(origin), ".slots");
  const core::MutexLock lock(mutex_);
  if (states_.count(origin) != 0) return absl::OkStatus();
  LogState state;
  NDX_ASSIGN_OR_RETURN(state.newest, ReadNewest(path));
  NDX_ASSIGN_OR_RETURN(state.slots, store::SlotFile::Open(path, options_.faults));
  states_.emplace(origin, std::move(state));
  return absl::OkStatus();
}

http::HttpResponse Witness::AddCheckpoint(absl::string_view body) {
  const core::MutexLock lock(mutex_);
  const auto request = journal::ParseWitnessRequest(body);
  journal::WitnessJudgement judged{.status = 400};
  if (request.ok()) {
    judged = journal::JudgeWitnessRequest(
        *request, options_.logs, [this](const std::string& origin) ABSL_NO_THREAD_SAFETY_ANALYSIS {
          return states_.at(origin).newest;
        });
  } else {
    judged.reason = std::string(request.status().message());
  }
  http::HttpResponse response{.status = judged.status, .body = absl::StrCat(judged.reason, "\n")};
  if (judged.status == 200) response = Accept(*request, judged.checkpoint);
  if (judged.status == 409) response.content_type = journal::kWitnessSizeType;
  if (judged.status == 422) {
    log_.Write(telemetry::LogEvent::kWitnessSawContradiction,
               {{"origin", judged.checkpoint.origin},
                {"leaves", judged.checkpoint.head.size},
                {"reason", judged.reason}});
    KeepContradiction(body);
  }
  answers_.With({absl::StrCat(response.status)}).Add();
  return response;
}

http::HttpResponse Witness::Accept(const journal::WitnessRequest& request,
                                   const journal::Checkpoint& checkpoint) {
  LogState& state = states_.at(checkpoint.origin);
  http::HttpResponse unwell{.status = 500, .body = "the witness's disk failed\n"};
  if (state.broken) return unwell;
  const bool known = state.newest.has_value() && state.newest->size == checkpoint.head.size;
  if (!known) {
    const absl::Status written = state.slots->Write(Evidence(request.checkpoint, options_.logs));
    if (!written.ok()) {
      state.broken = true;
      log_.Write(telemetry::LogEvent::kWitnessWriteFailed,
                 {{"origin", checkpoint.origin}, {"error", written}});
      return unwell;
    }
    state.newest = checkpoint.head;
  }
  const auto now = static_cast<uint64_t>(absl::ToUnixSeconds(clock_.Now()));
  const journal::NoteSignature signature = signer_.Sign(FormatCheckpoint(checkpoint), now);
  return {.body = journal::FormatSignatureLines({&signature, 1})};
}

void Witness::KeepContradiction(absl::string_view body) {
  if (contradictions_ >= kContradictionsKept) return;
  const std::string path = absl::StrCat(options_.directory, "/contradictions/", FileNameOf(body));
  std::error_code error;
  if (std::filesystem::exists(path, error)) return;
  const absl::Status written = store::WriteWholeFile(path, body, options_.faults);
  if (written.ok()) {
    ++contradictions_;
  } else {
    log_.Write(telemetry::LogEvent::kWitnessWriteFailed, {{"error", written}});
  }
}

std::optional<journal::TreeHead> Witness::Newest(const std::string& origin) const {
  const core::MutexLock lock(mutex_);
  const auto found = states_.find(origin);
  return found == states_.end() ? std::nullopt : found->second.newest;
}

http::HttpResponse WitnessSite::Answer(const http::HttpRequest& request) {
  if (request.path != path_) return {.status = 404, .body = "not found\n"};
  if (request.method != "POST") {
    return {.status = 405, .body = "use POST\n", .headers = {{"Allow", "POST"}}};
  }
  return witness_.AddCheckpoint(request.body);
}

}  // namespace ndx::anchors
