#include "ndx/tools/verify/verify_line.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ndx::tools::verify {
namespace {

constexpr char kAbout[] =
    "Verifies transparency logs and journals offline (kiểm tra nhật ký giao dịch, không cần nút "
    "trục): proofs, signed notes, tile directories, receipts, evidence bundles.\n"
    "Works on anybody's log of the formats RFC 6962 (SHA-256) and C2SP signed-note, "
    "tlog-checkpoint, tlog-tiles, tlog-proof.";
constexpr char kFooter[] =
    "Exit status: 0 it holds, 1 it does not hold, 2 the command line is wrong or a file cannot be "
    "read.\n"
    "A public key (vkey) is NAME+KEYID+BASE64; a key file holds one a line.";

}  // namespace

VerifyLine::VerifyLine(std::ostream& out, std::ostream& err, core::Language language)
    : out_(out), err_(err), language_(language), program_(kAbout, "ndx-verify") {
  program_.SetFooter(kFooter);
  program_.RequireCommand();
  program_.AddOption("-o,--output", output_, "text or json (one object on one line)")
      .OneOf({"text", "json"})
      .ShowDefault();
  AddInclusionCommand(*this);
  AddConsistencyCommand(*this);
  AddNoteCommand(*this);
  AddTilesCommand(*this);
  AddReceiptCommand(*this);
  AddBundleCommand(*this);
}

void VerifyLine::Bind(command_options::Command& command, const std::string& examples, Check check) {
  command.SetFooter(absl::StrCat("Examples:\n", examples));
  command.OnGiven([this, check = std::move(check)] { check_ = check; });
}

int VerifyLine::Run(int argc, const char* const* argv) {
  if (const auto ended = program_.Read(argc, argv)) {
    return static_cast<int>(*ended == 0 ? ExitCode::kHolds : ExitCode::kCannotTry);
  }
  Verdict verdict;
  if (const absl::Status tried = check_(verdict); !tried.ok()) {
    const Bilingual text = Translate(std::string(tried.message()));
    err_ << "ndx-verify: " << Say(text, language_) << "\n";
    return static_cast<int>(ExitCode::kCannotTry);
  }
  output_ == "json" ? verdict.PrintJson(out_, language_) : verdict.PrintText(out_, language_);
  return static_cast<int>(verdict.holds() ? ExitCode::kHolds : ExitCode::kDoesNotHold);
}

core::Language LanguageOfEnvironment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    return absl::StartsWith(value, "vi") ? core::Language::kVietnamese : core::Language::kEnglish;
  }
  return core::Language::kEnglish;
}

}  // namespace ndx::tools::verify
