// What one node says about a person: its answer to ReportSubjects, or the same from an exported
// file; and whether it holds.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "grpcpp/support/status.h"
#include "ndx/console/v1/subject_report.pb.h"

namespace ndx::tools::ndxctl {

class OperatorClient;

struct ReportPart {
  console::v1::SubjectReportHead head;
  std::vector<console::v1::ReportedExchange> exchanges;
  console::v1::SubjectReportScope scope;
  // Filled in by Judge().
  console::v1::SubjectReportSource source;
};

// Asks the node. An answer that ends before its last message is an error (DATA_LOSS).
grpc::Status FetchReport(OperatorClient& client, const console::v1::ReportSubjectsRequest& request,
                         ReportPart& part);

// Verifies the checkpoint and every leaf by its receipt, and fills in the source. Keys whose name
// is the journal's count; where none is, the key that the part itself names. A part that does not
// hold is rejected, with the problem, and loses its exchanges.
void Judge(const std::vector<std::string>& vkeys, ReportPart& part);

// Marks a part as one that does not hold.
void Reject(const std::string& problem, ReportPart& part);

}  // namespace ndx::tools::ndxctl
