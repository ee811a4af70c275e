// A report about a person as one HTML file to be printed on A4: self-contained, without scripts, so
// that it opens anywhere and loads nothing. Its form is that of an official document (Decree
// 30/2020/NĐ-CP): letterhead, title, sections, signatures.
//
// Thread-safety: thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "ndx/console/v1/subject_report.pb.h"
#include "ndx/core/refusal.h"

namespace ndx::tools::ndxctl {

struct ReportPage {
  std::string html;
  size_t sheets = 0;
};

ReportPage RenderReportPage(const console::v1::SubjectReport& report, core::Language language);

}  // namespace ndx::tools::ndxctl
