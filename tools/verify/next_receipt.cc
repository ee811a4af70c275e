#include "ndx/tools/verify/next_receipt.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ndx::tools::verify {
namespace {

using journal::v1::JournalLeaf;

std::string PathText(const JournalLeaf& leaf) {
  return absl::StrCat(leaf.consumer(), " → ", absl::StrJoin(leaf.relay_path(), " → "), " → ",
                      leaf.provider());
}

// Whether some key is given for the journal that signed it; which is then for the verification.
bool HasKeyFor(const std::string& text, const std::vector<journal::NoteVerifier>& keys) {
  const auto receipt = journal::ParseReceipt(text);
  if (!receipt.ok()) return true;
  const auto note = journal::ParseNote(receipt->checkpoint);
  return !note.ok() || journal::SignerOf(*note, keys) != nullptr;
}

// What the two records say otherwise of one exchange; empty where nothing.
std::string DifferenceOf(const JournalLeaf& outer, const JournalLeaf& inner) {
  const bool same_id = inner.exchange_id() == outer.exchange_id() ||
                       (!outer.replay_of().empty() && inner.exchange_id() == outer.replay_of());
  if (!same_id) return "exchange_id";
  if (inner.method() != outer.method()) return "method";
  const auto& path = inner.relay_path();
  // A refusal may come before the next node believes for whom it is asked.
  if (inner.event() == journal::v1::JOURNAL_EVENT_REFUSED && path.empty()) return "";
  if (inner.consumer() != outer.consumer()) return "consumer";
  if (inner.provider() != outer.provider() && !inner.provider().empty()) return "provider";
  const bool longer_by_one =
      path.size() == outer.relay_path_size() + 1 &&
      std::equal(outer.relay_path().begin(), outer.relay_path().end(), path.begin());
  if (!longer_by_one || *path.rbegin() != outer.relayed_to()) return "relay_path";
  return "";
}

// The next node sees the same request, and the same answer where this one has removed nothing.
GivenMessages GivenTo(const JournalLeaf& outer, const GivenMessages& given) {
  GivenMessages next = given;
  const auto& decision = outer.decision();
  if (!decision.fields_removed().empty() || !decision.fields_removed_sha256().empty()) {
    next.response.reset();
  }
  return next;
}

}  // namespace

void CheckNextReceipt(const journal::VerifiedReceipt& outer,
                      const std::vector<journal::NoteVerifier>& keys, const GivenMessages& given,
                      Verdict& verdict) {
  const JournalLeaf& leaf = outer.leaf;
  const std::string& node = leaf.relayed_to();
  if (node.empty()) return;
  if (outer.next_receipt.empty()) {
    verdict.NotChecked({absl::StrCat("what ", node, " recorded: the receipt holds none of its"),
                        absl::StrCat(node, " đã ghi gì: xác nhận không kèm xác nhận của nút đó")});
    return;
  }
  if (!HasKeyFor(outer.next_receipt, keys)) {
    verdict.NotChecked({absl::StrCat("what ", node, " recorded: no key of its journal is given"),
                        absl::StrCat(node, " đã ghi gì: thiếu khóa công khai của nút đó")});
    return;
  }
  const auto inner = CheckReceipt(outer.next_receipt, keys, GivenTo(leaf, given), verdict);
  if (!inner.has_value()) return;
  const std::string difference = DifferenceOf(leaf, inner->leaf);
  if (!difference.empty()) {
    verdict.Problem(
        {absl::StrCat("the record of ", node, " is not of this exchange: ", difference),
         absl::StrCat("bản ghi của ", node, " không thuộc giao dịch này: ", difference)});
  } else if (inner->leaf.relayed_to().empty()) {
    verdict.Checked({absl::StrCat("the way: ", PathText(inner->leaf)),
                     absl::StrCat("đường đi: ", PathText(inner->leaf))});
  }
}

}  // namespace ndx::tools::verify
