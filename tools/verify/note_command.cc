// ndx-verify note: a signed note of anybody, and what it says where it is a checkpoint.
#include <memory>
#include <string>

#include "ndx/core/status_macros.h"
#include "ndx/tools/verify/input_file.h"
#include "ndx/tools/verify/signed_head.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tools::verify {
namespace {

struct NoteOptions {
  std::string key_file;
  std::string note_file;
};

absl::Status CheckNote(const NoteOptions& options, Verdict& verdict) {
  std::vector<journal::CosignatureVerifier> cosigners;
  NDX_ASSIGN_OR_RETURN(const auto keys, ReadKeys(options.key_file, &cosigners));
  NDX_ASSIGN_OR_RETURN(const std::string text, ReadInput(options.note_file));
  const auto note = CheckSignatures(text, keys, verdict, cosigners);
  if (!note.has_value()) return absl::OkStatus();
  const auto checkpoint = journal::ParseForeignCheckpoint(note->text);
  if (checkpoint.ok()) {
    DescribeCheckpoint(*checkpoint, *note, keys, verdict);
    verdict.NotChecked(
        {"that the tree has that root: give its directory to 'tiles'",
         "cây có đúng giá trị gốc đó hay không: dùng lệnh 'tiles' với thư mục của cây"});
  } else {
    verdict.NotChecked({"what the note says; it is no checkpoint",
                        "nội dung văn bản; đây không phải điểm kiểm tra (checkpoint)"});
  }
  return absl::OkStatus();
}

}  // namespace

void AddNoteCommand(VerifyLine& line) {
  auto options = std::make_shared<NoteOptions>();
  command_options::Command command =
      line.program().AddCommand("note", "A signed note or checkpoint (văn bản có chữ ký), C2SP");
  command.AddOption("--key-file", options->key_file, "Public keys, one vkey a line").Required();
  command.AddOption("note", options->note_file, "The note; '-' for standard input").Required();
  line.Bind(command, "  ndx-verify note --key-file node.vkey checkpoint",
            [options](Verdict& verdict) { return CheckNote(*options, verdict); });
}

}  // namespace ndx::tools::verify
