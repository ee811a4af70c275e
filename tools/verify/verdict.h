// What came of a verification: what was checked, what was not, and what does not hold; in both
// languages, for people or as one line of JSON.
//
// Thread-safety: thread-compatible.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "ndx/core/refusal.h"

namespace ndx::tools::verify {

// One sentence without its full stop.
struct Bilingual {
  std::string en;
  std::string vi;
};

class Verdict {
 public:
  // Problems beyond these are counted, not kept.
  static constexpr size_t kProblemsMax = 100;

  void Checked(Bilingual text) { checked_.push_back(std::move(text)); }
  void NotChecked(Bilingual text) { not_checked_.push_back(std::move(text)); }
  // It does not hold.
  void Problem(Bilingual text);

  bool holds() const { return problem_count_ == 0; }
  // Empty if it holds.
  Bilingual first_problem() const { return holds() ? Bilingual() : problems_.front(); }

  // "holds" or "DOES NOT HOLD", then one line for each thing.
  void PrintText(std::ostream& out, core::Language language) const;
  // {"holds":true,"checked":[…],"not_checked":[…],"problems":[…]}
  void PrintJson(std::ostream& out, core::Language language) const;

 private:
  std::vector<Bilingual> checked_;
  std::vector<Bilingual> not_checked_;
  std::vector<Bilingual> problems_;
  size_t problem_count_ = 0;
};

// The text in a language, control characters replaced: what is verified came from somebody else and
// must not steer the terminal.
std::string Say(const Bilingual& text, core::Language language);

// A status message of the journal's format library in both languages.
Bilingual Translate(const std::string& message);

}  // namespace ndx::tools::verify
