#include "ndx/console/verification_view.h"

#include <algorithm>

namespace ndx::console {

v1::VerifyJournalResponse VerificationView(const journal::VerifyReport& report,
                                           size_t findings_max) {
  v1::VerifyJournalResponse view;
  view.set_leaves_verified(report.leaves);
  view.set_leaves_total(report.leaves);
  view.set_done(true);
  view.set_intact(report.ok());
  view.set_payloads_verified(report.payloads);
  view.set_payloads_pruned(report.payloads_pruned);
  const size_t shown = std::min(report.problems.size(), findings_max);
  for (size_t i = 0; i < shown; ++i) {
    const journal::VerifyProblem& problem = report.problems[i];
    v1::JournalFinding& finding = *view.add_findings();
    if (problem.first_leaf.has_value()) finding.set_leaf_index_plus_one(*problem.first_leaf + 1);
    finding.set_text(problem.ToString());
  }
  return view;
}

}  // namespace ndx::console
