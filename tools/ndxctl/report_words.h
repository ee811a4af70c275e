// What a report about a person says in words, in the language of the terminal: shared by the table
// and the page.
//
// Thread-safety: thread-safe. Ownership: the report outlives it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ndx/console/v1/subject_report.pb.h"
#include "ndx/core/refusal.h"

namespace ndx::tools::ndxctl {

class ReportWords {
 public:
  ReportWords(const console::v1::SubjectReport& report, core::Language language);

  core::Language language() const { return language_; }
  absl::string_view Say(absl::string_view en, absl::string_view vi) const {
    return language_ == core::Language::kVietnamese ? vi : en;
  }

  // What a code is called; empty where the registries do not say.
  std::string NameOf(const std::string& code) const;
  std::string LegalBasisOf(const std::string& code) const;

  // "answered", "refused: NO_GRANT"; with the business code where there is one.
  std::string Outcome(const console::v1::SubjectReportRow& row) const;
  // "ref. 1a2b3c4d…/2026", or the code where it is known; of an officer also how it is known.
  std::string Reference(const console::v1::ReportedReference& reference) const;
  std::string Officer(const console::v1::ReportedReference& officer) const;

  // "9 basic, 2 sensitive, 4 others", or why it cannot be said.
  std::string FieldsInShort(const console::v1::FieldSet& set) const;
  std::string Basis(console::v1::FieldBasis basis) const;
  std::string Class(options::v1::PersonalData personal_data) const;
  // "citizen.full_name (họ và tên)".
  std::string Field(const console::v1::ReportedField& field) const;
  // Null if there is none.
  const console::v1::FieldSet* FieldSetOf(const console::v1::SubjectReportRow& row) const;

  // Number of a journal among the sources, as rows name it: "N1".
  std::string NodeMark(const std::string& origin) const;
  std::string Verdict(const console::v1::SubjectReportSource& source) const;
  // "searched to leaf 1234 of 1240, all that was recorded before the asking", or that it is not.
  std::string Reach(const console::v1::SubjectReportSource& source) const;

  // Whether the report is whole, in one sentence.
  std::string Completeness() const;
  // What a report of this kind cannot tell, one sentence each.
  std::vector<std::string> Limits() const;

 private:
  const console::v1::SubjectReport& report_;
  const core::Language language_;
  std::map<std::string, const console::v1::RegisteredName*> names_;
};

}  // namespace ndx::tools::ndxctl
