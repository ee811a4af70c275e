#include "ndx/tools/verify/signed_head.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace ndx::tools::verify {
namespace {

bool Knows(const std::vector<journal::NoteVerifier>& keys,
           const journal::NoteSignature& signature) {
  return std::any_of(keys.begin(), keys.end(), [&](const journal::NoteVerifier& key) {
    return key.name() == signature.name && key.key_id() == signature.key_id;
  });
}

}  // namespace

std::optional<journal::Note> CheckSignatures(
    const std::string& note, const std::vector<journal::NoteVerifier>& keys, Verdict& verdict,
    const std::vector<journal::CosignatureVerifier>& cosigners) {
  auto opened = keys.empty() ? journal::ParseNote(note) : journal::OpenNote(note, keys);
  if (!opened.ok()) {
    verdict.Problem(Translate(std::string(opened.status().message())));
    return std::nullopt;
  }
  bool known = !keys.empty();
  for (const journal::NoteSignature& signature : opened->signatures) {
    const std::string who = absl::StrFormat("%s (%08x)", signature.name, signature.key_id);
    const auto cosigner =
        std::find_if(cosigners.begin(), cosigners.end(),
                     [&](const auto& candidate) { return candidate.Owns(signature); });
    if (Knows(keys, signature)) {
      verdict.Checked({absl::StrCat("the signature of ", who), absl::StrCat("chữ ký của ", who)});
    } else if (cosigner == cosigners.end()) {
      verdict.NotChecked({absl::StrCat("the signature of ", who, ", whose key is not given"),
                          absl::StrCat("chữ ký của ", who, ", vì không có khóa")});
    } else if (const auto time = cosigner->Verify(opened->text, signature); time.has_value()) {
      known = true;
      const std::string when =
          absl::FormatTime(absl::RFC3339_sec, absl::FromUnixSeconds(static_cast<int64_t>(*time)),
                           absl::UTCTimeZone());
      verdict.Checked({absl::StrCat("the cosignature of the witness ", who, " of ", when),
                       absl::StrCat("chữ ký chứng kiến của ", who, " lúc ", when)});
    } else {
      verdict.Problem({absl::StrCat("the cosignature of ", who, " does not verify"),
                       absl::StrCat("chữ ký chứng kiến của ", who, " không đúng")});
      return std::nullopt;
    }
  }
  if (!known) {
    verdict.Problem(Translate("no known key signed the note"));
    return std::nullopt;
  }
  return *std::move(opened);
}

void DescribeCheckpoint(const journal::ForeignCheckpoint& checkpoint, const journal::Note& note,
                        const std::vector<journal::NoteVerifier>& keys, Verdict& verdict) {
  const journal::TreeHead& head = checkpoint.checkpoint.head;
  const std::string& origin = checkpoint.checkpoint.origin;
  const std::string root = absl::BytesToHexString(crypto::AsBytes(head.root));
  verdict.Checked({absl::StrCat("what is signed: the log '", origin, "' has ", head.size,
                                " leaves and the root ", root),
                   absl::StrCat("nội dung được ký: nhật ký '", origin, "' có ", head.size,
                                " bản ghi, giá trị gốc ", root)});
  for (const std::string& line : checkpoint.extensions) {
    verdict.NotChecked({absl::StrCat("the meaning of the signed line '", line, "'"),
                        absl::StrCat("ý nghĩa của dòng được ký '", line, "'")});
  }
  const bool named_so = std::any_of(note.signatures.begin(), note.signatures.end(),
                                    [&](const journal::NoteSignature& signature) {
                                      return signature.name == origin && Knows(keys, signature);
                                    });
  if (!named_so) {
    verdict.NotChecked(
        {absl::StrCat("that the key belongs to '", origin, "': no key that signed is named so"),
         absl::StrCat("khóa có thuộc về '", origin, "' hay không: tên khóa khác tên nhật ký")});
  }
}

std::string NoteWithin(const std::string& text) {
  if (!absl::StartsWith(text, "c2sp.org/tlog-proof@")) return text;
  const size_t end = text.find("\n\n");
  return end == std::string::npos ? text : text.substr(end + 2);
}

}  // namespace ndx::tools::verify
