// A node's operator API on a UNIX socket in a temporary directory, with a journal in memory and the
// probe registry; and a grpc++ client to it. The test's own user is the operator.
//
// Thread-safety: thread-compatible.
#pragma once

#include <grpcpp/channel.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "ndx/console/operator_server.h"
#include "ndx/console/v1/operator_service.grpc.pb.h"
#include "ndx/core/system_random.h"
#include "ndx/registry/registry.h"
#include "ndx/search/search_index.h"
#include "ndx/security/denied_certificates.h"
#include "ndx/tests/support/fake_clock.h"
#include "ndx/tests/support/fake_retention.h"
#include "ndx/tests/support/mem_payload_keeper.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/unit/console/fake_journal_keys.h"
#include "ndx/tests/unit/console/fake_node_control.h"
#include "ndx/tests/unit/console/leaf_journal.h"

namespace ndx::tests {

using console::OperatorRole;

// Every role there is.
std::vector<OperatorRole> AllRoles();

class ConsoleFixture {
 public:
  explicit ConsoleFixture(const std::vector<OperatorRole>& roles = AllRoles());

  // The operator of whoever runs the test.
  static std::string OperatorName();

  // The reference under which a value stands in leaves here.
  static std::string ReferenceTo(absl::string_view value);

  const console::OperatorNode& node() const { return *node_; }
  // Told of nothing by itself.
  search::SearchIndex& search_index() { return *search_index_; }
  console::v1::OperatorService::Stub& stub() { return *stub_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  LeafJournal& journal() { return journal_; }
  FakeNodeControl& control() { return control_; }
  MemPayloadKeeper& keeper() { return keeper_; }
  FakeRetention& retention() { return retention_; }
  // Of a registry that the node keeps itself: the fixture's is its first change, and has no leaf.
  registry::RegistryLedger& ledger() { return *ledger_; }
  console::RegistryDesk& desk() { return *desk_; }
  console::CertificateDesk& certificate_desk() { return *certificate_desk_; }
  // Keys of the certificates whose connections were ended, in hexadecimal.
  const std::vector<std::string>& connections_ended() const { return connections_ended_; }
  // Works with registry(), which does not follow what the desks make.
  console::AccessDesk& access_desk() { return *access_desk_; }
  FakeClock& clock() { return clock_; }
  RecordedLog& log() { return log_; }
  const registry::RegistrySnapshot& registry() const { return *snapshot_; }
  // What verify_journal returns; set before the call.
  journal::VerifyReport& verify_report() { return verify_report_; }
  // From now on a verification goes on until it is told to give up.
  void VerifyForever() { verify_forever_ = true; }
  // What back_up_journal does; set before the call.
  std::function<absl::StatusOr<journal::BackupSummary>(journal::BackupOptions)> backup =
      [](const journal::BackupOptions&) {
        return absl::UnimplementedError("the test backs nothing up");
      };
  console::OperatorServer& server() { return *server_; }
  console::Persons& persons() { return persons_; }
  const std::string& socket() const { return socket_; }

 private:
  absl::StatusOr<journal::VerifyReport> RunVerification(
      const console::OperatorNode::Progress& progress);
  void KeepFirst();

  FakeClock clock_;
  core::SystemRandom random_;
  RecordedLog log_;
  LeafJournal journal_{clock_};
  FakeJournalKeys keys_{journal_};
  std::shared_ptr<const registry::RegistrySnapshot> snapshot_;
  std::unique_ptr<registry::Registry> registry_;
  registry::RegistrySource source_;
  FakeNodeControl control_;
  FakeRetention retention_;
  journal::VerifyReport verify_report_;
  std::atomic<bool> verify_forever_{false};
  TempDir directory_;
  std::string socket_;
  std::unique_ptr<search::SearchIndex> search_index_;
  console::Persons persons_;
  MemPayloadKeeper keeper_;
  std::unique_ptr<console::ErasureDesk> erasures_;
  std::unique_ptr<registry::RegistryLedger> ledger_;
  std::unique_ptr<console::RegistryDesk> desk_;
  std::unique_ptr<security::DeniedCertificates> denied_;
  std::vector<std::string> connections_ended_;
  std::unique_ptr<console::CertificateDesk> certificate_desk_;
  std::unique_ptr<console::AccessDesk> access_desk_;
  std::unique_ptr<console::OperatorNode> node_;
  std::unique_ptr<console::OperatorServer> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<console::v1::OperatorService::Stub> stub_;
};

// A leaf of an exchange, with an id made from number.
journal::v1::JournalLeaf ExchangeLeaf(journal::v1::JournalEvent event, int number,
                                      const std::string& consumer = "VN:GOV:H55:mot-cua");
// The text of that id.
std::string ExchangeIdText(int number);

// ErrorInfo.reason and .metadata["fault"] of a failed call; empty when it has none.
std::string ReasonOf(const grpc::Status& status);
std::string FaultOf(const grpc::Status& status);
// The text in a language: "vi" or "en".
std::string TextOf(const grpc::Status& status, const std::string& locale);

}  // namespace ndx::tests
