// ndx-verify tiles: a whole log as a directory of tiles, against its signed checkpoint, and whether
// it still begins with what was signed earlier.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/tools/verify/input_file.h"
#include "ndx/tools/verify/signed_head.h"
#include "ndx/tools/verify/tile_verification.h"
#include "ndx/tools/verify/verify_line.h"

namespace ndx::tools::verify {
namespace {

struct TilesOptions {
  std::string key_file;
  std::string directory;
  std::vector<std::string> earlier_files;
  TileOptions tiles;
};

// The checkpoint in a note, signed by a key of the list; nullopt with the problem in the verdict.
std::optional<journal::ForeignCheckpoint> SignedCheckpoint(
    const std::string& text, const std::vector<journal::NoteVerifier>& keys,
    const std::vector<journal::CosignatureVerifier>& cosigners, bool describe, Verdict& verdict) {
  Verdict quiet;
  const auto note = CheckSignatures(text, keys, describe ? verdict : quiet, cosigners);
  if (!note.has_value()) {
    if (!describe) {
      verdict.Problem({"no known key signed it, or a signature is wrong",
                       "không có khóa đã biết nào ký, hoặc chữ ký sai"});
    }
    return std::nullopt;
  }
  auto checkpoint = journal::ParseForeignCheckpoint(note->text);
  if (!checkpoint.ok()) {
    verdict.Problem(Translate(std::string(checkpoint.status().message())));
    return std::nullopt;
  }
  if (describe) DescribeCheckpoint(*checkpoint, *note, keys, verdict);
  return *std::move(checkpoint);
}

absl::Status CheckTiles(const TilesOptions& options, Verdict& verdict) {
  std::vector<journal::CosignatureVerifier> cosigners;
  NDX_ASSIGN_OR_RETURN(const auto keys, ReadKeys(options.key_file, &cosigners));
  const std::filesystem::path directory(options.directory);
  NDX_ASSIGN_OR_RETURN(const std::string text, ReadInput((directory / "checkpoint").string()));
  const auto checkpoint = SignedCheckpoint(text, keys, cosigners, true, verdict);
  if (!checkpoint.has_value()) return absl::OkStatus();
  TileVerification tiles(directory, checkpoint->checkpoint.head, options.tiles, verdict);
  tiles.Run();
  for (const std::string& file : options.earlier_files) {
    NDX_ASSIGN_OR_RETURN(const std::string earlier, ReadInput(file));
    const auto signed_then = SignedCheckpoint(NoteWithin(earlier), keys, cosigners, false, verdict);
    if (!signed_then.has_value()) continue;
    if (signed_then->checkpoint.origin != checkpoint->checkpoint.origin) {
      verdict.Problem(
          {absl::StrCat(file, " is of another log, ", signed_then->checkpoint.origin),
           absl::StrCat(file, " thuộc nhật ký khác, ", signed_then->checkpoint.origin)});
      continue;
    }
    tiles.CheckEarlier(signed_then->checkpoint.head, {file, file});
  }
  if (options.earlier_files.empty()) {
    verdict.NotChecked(
        {"whether this is the log that others were shown: give receipts or checkpoints from "
         "before with --earlier",
         "đây có đúng là nhật ký mà người khác đã thấy hay không: thêm xác nhận hoặc điểm kiểm tra "
         "cũ bằng --earlier"});
  }
  return absl::OkStatus();
}

}  // namespace

void AddTilesCommand(VerifyLine& line) {
  auto options = std::make_shared<TilesOptions>();
  command_options::Command command = line.program().AddCommand(
      "tiles", "A whole log as a directory with 'checkpoint' and 'tile/' (toàn bộ nhật ký), C2SP");
  command.AddOption("--key-file", options->key_file, "Public keys, one vkey a line").Required();
  command
      .AddOption("--earlier", options->earlier_files,
                 "Receipt or checkpoint from before, which the log must still begin with; may "
                 "be repeated")
      .OneEachTime();
  command.AddOption("--minimum-index", options->tiles.minimum_index,
                    "Tiles and bundles wholly below this leaf may be missing (pruned)");
  command.AddFlag("--entries", options->tiles.entries_required,
                  "Every bundle of entries must be there");
  command.AddOption("directory", options->directory, "The directory").Required();
  line.Bind(command,
            "  ndx-verify tiles --key-file node.vkey export\n"
            "  ndx-verify tiles --key-file node.vkey --earlier answer.receipt export",
            [options](Verdict& verdict) { return CheckTiles(*options, verdict); });
}

}  // namespace ndx::tools::verify
