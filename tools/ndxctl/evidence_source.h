// Where an export reads a journal: the running node, or a copy of the journal's directory.
//
// Thread-safety: thread-compatible; blocks.
// Errors: what the callbacks return; else the source's own, which Explain() prints.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ndx/console/v1/journal_export_service.pb.h"
#include "ndx/journal/journal_copy.h"
#include "ndx/tools/ndxctl/exit_code.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

class OperatorClient;

class EvidenceSource {
 public:
  virtual ~EvidenceSource() = default;

  // What everything that follows is to be verified by; told first.
  struct Head {
    std::string checkpoint;
    std::string vkey;
  };
  using SeeHead = absl::FunctionRef<absl::Status(const Head&)>;
  using SeeLeaf = absl::FunctionRef<absl::Status(uint64_t index, const std::string& leaf)>;
  using SeeExchange = absl::FunctionRef<absl::Status(const console::v1::ExportExchangesResponse&)>;

  // Leaves from an index to the end of the checkpoint that pass the filter, ascending.
  virtual absl::Status Leaves(const console::v1::ExportLeavesRequest& request, SeeHead see_head,
                              SeeLeaf see) = 0;
  virtual absl::Status Exchanges(const console::v1::ExportExchangesRequest& request,
                                 SeeHead see_head, SeeExchange see) = 0;

  // Descriptors of the methods' services, serialized; empty where there are none to be had.
  virtual std::string Descriptors(const std::vector<std::string>& methods) = 0;

  // Prints what failed and says with which code to end.
  virtual ExitCode Explain(const absl::Status& status, Terminal& terminal) const = 0;
};

// The client must outlive it.
std::unique_ptr<EvidenceSource> NodeSource(OperatorClient& client);

// Receipts from a copy prove leaves but open no payloads, and payloads are not read: both need the
// node's keys. now: what times in a filter are counted back from.
std::unique_ptr<EvidenceSource> CopySource(std::unique_ptr<journal::JournalCopy> copy,
                                           absl::Time now);

}  // namespace ndx::tools::ndxctl
