// What a new contract does to whoever goes by the old one, as a terminal shows it.
//
// Thread-safety: thread-compatible.
#pragma once

#include "google/protobuf/repeated_field.h"
#include "ndx/registry/v1/contract_difference.pb.h"
#include "ndx/tools/ndxctl/terminal.h"

namespace ndx::tools::ndxctl {

// One line each. True when one is breaking.
bool PrintContractDifferences(
    const google::protobuf::RepeatedPtrField<registry::v1::ContractDifference>& differences,
    Terminal& terminal);

}  // namespace ndx::tools::ndxctl
