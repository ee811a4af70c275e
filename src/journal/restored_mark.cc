#include "restored_mark.h"

#include "absl/strings/str_cat.h"
#include "json_text.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/store/whole_file.h"

namespace ndx::journal {
namespace {

constexpr size_t kMarkBytesMax = size_t{64} << 10;

std::string MarkPath(const std::string& epoch_directory) {
  return absl::StrCat(epoch_directory, "/", kRestoredMarkFile);
}

}  // namespace

absl::StatusOr<std::optional<v1::RestoredMark>> ReadRestoredMark(
    const std::string& epoch_directory) {
  const auto text = store::ReadWholeFile(MarkPath(epoch_directory), kMarkBytesMax);
  if (absl::IsNotFound(text.status())) return std::optional<v1::RestoredMark>();
  NDX_RETURN_IF_ERROR(text.status());
  v1::RestoredMark mark;
  if (!ParseJson(*text, &mark).ok()) {
    return absl::DataLossError(absl::StrCat(MarkPath(epoch_directory), " is damaged"));
  }
  return std::optional<v1::RestoredMark>(std::move(mark));
}

absl::Status WriteRestoredMark(const std::string& epoch_directory, const v1::RestoredMark& mark) {
  return store::WriteWholeFile(MarkPath(epoch_directory), FormatJson(mark), nullptr);
}

absl::Status RemoveRestoredMark(const std::string& epoch_directory) {
  return store::RemoveFile(MarkPath(epoch_directory), nullptr);
}

absl::StatusOr<std::string> CheckRestoredMark(const std::string& epoch_directory) {
  NDX_ASSIGN_OR_RETURN(const auto mark, ReadRestoredMark(epoch_directory));
  if (!mark.has_value()) return "";
  if (mark->accepted().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the journal does not start: it comes from the backup made ", mark->made(),
        ", which holds ", mark->tree_size(),
        " signed records. Records that came later would be missing, and nobody would see it. "
        "Either show that nothing came later, with the newest receipt or checkpoint that anybody "
        "has (ndxctl journal accept --directory DIR --key FILE --known FILE), or open a new epoch, "
        "whose first record names the last checkpoint of this copy (ndxd --open-new-epoch)."));
  }
  const std::string note = absl::StrCat("restored from the backup made ", mark->made(), " of ",
                                        mark->tree_size(), " records; ", mark->accepted());
  return note.substr(0, kLeafNoteBytesMax);
}

}  // namespace ndx::journal
