// Exchanges, leaves and payloads on a terminal.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/repeated_ptr_field.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/tools/ndxctl/descriptor_library.h"
#include "ndx/tools/ndxctl/terminal.h"
#include "ndx/tools/ndxctl/text_table.h"

namespace ndx::tools::ndxctl {

// "answered" or "đã trả lời", in its colour.
Cell StateCell(console::v1::ExchangeState state, const Terminal& terminal);

// The same without colour.
std::string StateText(console::v1::ExchangeState state, core::Language language);

// Service/Method without the package, which a list has no room for.
std::string ShortMethod(const std::string& path);

// Columns of a list of exchanges, and the row of one.
std::vector<std::string> ExchangeHeadings(const Terminal& terminal);
std::vector<Cell> ExchangeRow(const console::v1::ExchangeSummary& exchange,
                              const Terminal& terminal);

// Name and value of everything a summary holds, one a line.
void PrintExchange(const console::v1::ExchangeSummary& exchange, Terminal& terminal);

// How the officer (cán bộ xử lý) of an exchange is known: "proved by the officer's own token" or
// "stated by the system".
std::string OfficerProofText(bool proved, core::Language language);

// What the leaves of an exchange hold of those who made it: the officer, and the key by which the
// caller signed. Nothing where they hold neither.
void PrintProofs(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
                 Terminal& terminal);

// By what nodes an exchange went, and at which of them its error arose. Nothing of one that
// concerns no other node.
void PrintWay(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
              Terminal& terminal);

// One leaf a row.
void PrintLeaves(const google::protobuf::RepeatedPtrField<console::v1::RecordedLeaf>& leaves,
                 Terminal& terminal);

// The messages of a direction as JSON, by the types of the library; as hexadecimal when it has none
// (library may be null).
void PrintPayload(const std::string& title, const console::v1::Payload& payload,
                  DescriptorLibrary* library, Terminal& terminal);

// REQUEST_OPENED for JOURNAL_EVENT_REQUEST_OPENED.
std::string EventName(journal::v1::JournalEvent event);

}  // namespace ndx::tools::ndxctl
