// What an operator types: filters and page tokens. A filter is understood, or refused with a place
// inside it and without its values; a token that was not given for this filter is refused.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "fuzz_check.h"
#include "ndx/search/filter.h"
#include "ndx/search/leaf_match.h"
#include "ndx/search/searcher.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/mem_journal.h"
#include "ndx/tests/support/mem_journal_reader.h"

namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'770'000'000);

void ReadFilter(absl::string_view text) {
  ndx::search::FilterFault fault;
  const auto filter = ndx::search::Filter::Parse(text, kNow, &fault);
  if (!filter.ok()) {
    FUZZ_CHECK(fault.position <= text.size());
    FUZZ_CHECK(!fault.english.empty() && !fault.vietnamese.empty());
    return;
  }
  FUZZ_CHECK(text.size() <= ndx::search::kFilterBytesMax);
  FUZZ_CHECK(filter->Canonical() == ndx::search::Filter::Parse(text, kNow)->Canonical());
  ndx::search::Matches(filter->root(), ndx::journal::v1::JournalLeaf(),
                       [](const ndx::search::Condition&) { return false; });
}

void ReadToken(const std::string& text) {
  static const auto* const clock = new ndx::tests::FakeClock(kNow);
  static const auto* const journal = new ndx::tests::MemJournal;
  static const auto* const reader = new ndx::tests::MemJournalReader(*journal);
  const ndx::search::Searcher searcher(*reader, nullptr, *clock);
  const auto page = searcher.Search(
      {.filter = *ndx::search::Filter::Parse("", kNow), .rows = "fuzz", .page_token = text},
      [](const ndx::journal::StoredLeaf&) { return true; });
  FUZZ_CHECK(page.ok() || absl::IsInvalidArgument(page.status()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ReadFilter(text);
  ReadToken(text);
  return 0;
}
