#include "leaf_words.h"

#include "absl/strings/strip.h"

namespace ndx::search {
namespace {

absl::string_view WordOf(const std::vector<Word>& words, journal::v1::JournalEvent event) {
  for (const Word& word : words) {
    if (word.event == event) return word.text;
  }
  return "";
}

}  // namespace

const std::vector<Word>& OutcomeWords() {
  static const auto* const kWords =
      new std::vector<Word>{{"OPEN", journal::v1::JOURNAL_EVENT_REQUEST_OPENED},
                            {"ANSWERED", journal::v1::JOURNAL_EVENT_ANSWERED},
                            {"FAILED", journal::v1::JOURNAL_EVENT_FAILED},
                            {"REFUSED", journal::v1::JOURNAL_EVENT_REFUSED},
                            {"IN_DOUBT", journal::v1::JOURNAL_EVENT_IN_DOUBT},
                            {"RESOLVED", journal::v1::JOURNAL_EVENT_RESOLVED}};
  return *kWords;
}

const std::vector<Word>& EventWords() {
  static const auto* const kWords = [] {
    auto* words = new std::vector<Word>;
    const auto* const type = journal::v1::JournalEvent_descriptor();
    for (int i = 1; i < type->value_count(); ++i) {
      const absl::string_view name = type->value(i)->name();
      words->push_back({absl::StripPrefix(name, "JOURNAL_EVENT_"),
                        static_cast<journal::v1::JournalEvent>(type->value(i)->number())});
    }
    return words;
  }();
  return *kWords;
}

absl::string_view EventWord(journal::v1::JournalEvent event) {
  // Events are numbered without gaps.
  const auto index = static_cast<size_t>(event);
  const auto& words = EventWords();
  if (index >= 1 && index <= words.size() && words[index - 1].event == event) {
    return words[index - 1].text;
  }
  return WordOf(words, event);
}

absl::string_view OutcomeWord(journal::v1::JournalEvent event) {
  return WordOf(OutcomeWords(), event);
}

}  // namespace ndx::search
