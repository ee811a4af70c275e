// A log with one exchange, its receipt, and what was asked and answered.
//
// Thread-safety: thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "ndx/core/exchange_id.h"
#include "ndx/core/status_macros.h"
#include "ndx/journal/leaf_codec.h"
#include "ndx/journal/merkle.h"
#include "ndx/journal/receipt.h"
#include "ndx/journal/sealing.h"
#include "ndx/tests/unit/tools/verify/verify_run.h"

namespace ndx::tests {

// A log of three leaves with an exchange in the middle, and its receipt.
struct LogWithReceipt {
  static constexpr char kExchangeId[] = "01930a5d-ac96-774b-bcce-b302099a8057";

  // signature: the caller's own over the request; none where empty.
  explicit LogWithReceipt(const std::string& signature = "") {
    journal::v1::JournalLeaf leaf;
    leaf.set_leaf_version(journal::kLeafVersion);
    leaf.set_event(journal::v1::JOURNAL_EVENT_ANSWERED);
    leaf.set_exchange_id(std::string(core::ExchangeId::Parse(kExchangeId)->bytes()));
    leaf.set_consumer("VN:GOV:H55:mot-cua");
    leaf.set_provider("VN:GOV:G01:population");
    leaf.set_method("/probe.v1.PeopleService/LookUp");
    Commit("question", leaf.mutable_request(), receipt.opening.mutable_request_salts());
    Commit("answer", leaf.mutable_response(), receipt.opening.mutable_response_salts());
    if (!signature.empty()) {
      receipt.opening.set_signature_salt(std::string(32, 's'));
      const auto commitment = journal::PartCommitment(std::string(32, 's'), signature);
      leaf.set_signature_commitment(commitment.data(), commitment.size());
    }
    receipt.opening.set_leaf(journal::EncodeLeaf(leaf).value());
    log.Export({"0", receipt.opening.leaf(), "2"});
    receipt.index = 1;
    receipt.proof = {journal::LeafHash("0"), journal::LeafHash("2")};
    receipt.checkpoint = ReadAll(log.File("checkpoint"));
    WriteAll(file(), journal::FormatReceipt(receipt));
    WriteAll(log.space().File("question"), "question");
    WriteAll(log.space().File("answer"), "answer");
  }

  static void Commit(const std::string& message, journal::v1::PayloadCommitment* commitment,
                     google::protobuf::RepeatedPtrField<std::string>* salts) {
    std::vector<journal::Part> parts;
    NDX_CHECK(journal::CutPlan(nullptr).Cut(message, &parts).ok());
    *salts->Add() = std::string(32, 'a');
    const auto root = journal::PartCommitment(std::string(32, 'a'), parts[0].plaintext);
    commitment->set_root(root.data(), root.size());
    commitment->set_parts(1);
    commitment->set_messages(1);
  }

  std::string file() const { return log.space().File("receipt"); }
  VerifyRun Verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"receipt", "--key-file", log.key_file(), file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunVerify(arguments);
  }

  LogDirectory log{0};
  journal::Receipt receipt;
};

}  // namespace ndx::tests
