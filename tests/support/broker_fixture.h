// A whole broker on one loop: real stages, registry, policy and dispatcher; a journal in memory,
// and an adapter and callers that do what the test says.
//
//   BrokerFixture f;
//   auto call = f.Call("Read");           // by mot-cua, with purpose and body
//   call->status, call->messages; f.journal.entries()
//
// Thread-safety: used by the test's thread; see loop_thread.h.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ndx/broker/broker.h"
#include "ndx/broker/node_service.h"
#include "ndx/tests/support/error_reading.h"
#include "ndx/tests/support/fake_adapter.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/fake_server_call.h"
#include "ndx/tests/support/ledger_registry.h"
#include "ndx/tests/support/loop_thread.h"
#include "ndx/tests/support/mem_journal.h"
#include "ndx/tests/support/recorded_log.h"
#include "ndx/tests/support/signing_keys.h"
#include "ndx/tests/support/test_certificates.h"

namespace ndx::tests {

class BrokerFixture {
 public:
  explicit BrokerFixture(broker::AdmissionOptions admission = {}, const std::string& more_yaml = "",
                         std::set<broker::Limit> limits_in_shadow = {},
                         const std::string& provider_keys = "",
                         broker::KeptRequests* kept = nullptr)
      : registry(BuildLedgerRegistry(more_yaml, provider_keys)) {
    adapters[""] = std::make_shared<broker::NodeService>(journal, registry, kept, loop.clock());
    adapter->AnswerWith({EntryBytes("k", "s", "050")});
    broker = std::make_unique<broker::Broker>(
        broker::BrokerOptions{.node = LedgerNode(),
                              .contact = "trực ban trục",
                              .admission = admission,
                              .limits_in_shadow = std::move(limits_in_shadow),
                              .sign_delivery =
                                  [this](const crypto::SignedExchange& exchange) {
                                    return crypto::SignExchange(crypto::SignedAs::kDelivery,
                                                                exchange, node_key,
                                                                loop.clock().Now());
                                  }},
        broker::BrokerParts{loop.loops(), loop.clock(), random, journal, registry, authenticator,
                            limiter, providers, adapters, metrics, log, kept});
  }
  ~BrokerFixture() {
    StopServer();
    broker.reset();
  }

  // The server goes, and every call with it, whether its exchange has ended or not.
  void StopServer() {
    for (const auto& call : calls_) {
      loop.Run([&] { call->observer.reset(); });
    }
  }

  struct Options {
    std::shared_ptr<const transport::PeerIdentity> peer;  // null: mot-cua
    transport::Metadata metadata = {{"ndx-purpose", "tthc"}};
    absl::Duration deadline = absl::ZeroDuration();  // none
    std::string body = AskBytes("k");
    bool send_body = true;
  };

  static std::shared_ptr<const transport::PeerIdentity> Peer(const std::string& certificate,
                                                             uint64_t connection) {
    auto peer = std::make_shared<transport::PeerIdentity>();
    peer->kind = transport::PeerKind::kTls;
    peer->leaf_der = certificate;
    peer->connection_id = connection;
    return peer;
  }

  // Makes a call and lets everything follow from it that follows by itself.
  FakeServerCall* Call(const std::string& method) { return Call(method, {}); }
  FakeServerCall* Call(const std::string& method, Options options) {
    const std::string path = method.starts_with("/") ? method : LedgerMethod(method);
    const auto peer = options.peer == nullptr ? one_stop : options.peer;
    auto& call = calls_.emplace_back(
        std::make_unique<FakeServerCall>(loop.loop(), peer, path, std::move(options.metadata)));
    if (options.deadline > absl::ZeroDuration()) call->SetDeadline(options.deadline);
    loop.Run([&] {
      call->Begin(broker->face());
      if (options.send_body) call->Send(std::move(options.body));
    });
    return call.get();
  }

  // The transport lets go of every call that was finished.
  void CloseFinished() {
    for (const auto& call : calls_) {
      if (call->finished > 0 && call->observer != nullptr) loop.Run([&] { call->Close(); });
    }
  }

  // All that exchanges hold has been given back.
  bool Idle() {
    CloseFinished();
    bool idle = broker->admission().in_flight() == 0 && broker->admission().memory_bytes() == 0;
    for (const auto& provider : providers.All()) idle = idle && provider->line.calls() == 0;
    return idle;
  }

  journal::v1::JournalLeaf last_leaf() const { return journal.entries().back().leaf; }

  // Events of the journal's leaves, in their order: "REQUEST_OPENED ANSWERED".
  std::string Events() const {
    std::string events;
    for (const auto& entry : journal.entries()) {
      constexpr size_t kPrefix = sizeof("JOURNAL_EVENT_") - 1;
      if (!events.empty()) events += ' ';
      events += journal::v1::JournalEvent_Name(entry.leaf.event()).substr(kPrefix);
    }
    return events;
  }

  std::string Reason(const FakeServerCall& call) const { return ReadErrorOf(call.status).reason(); }

  const crypto::SigningPrivateKey node_key = EdDsaKey('N');
  LoopThread loop;
  FakeRandom random;
  MemJournal journal;
  std::shared_ptr<FakeAdapter> adapter = std::make_shared<FakeAdapter>();
  registry::Registry registry;
  security::Authenticator authenticator{"trực ban trục"};
  routing::RateLimiter limiter;
  dispatch::ProviderStates providers;
  dispatch::EmbeddedAdapters adapters = {{"ledger", adapter}};
  telemetry::MetricRegistry metrics;
  RecordedLog log;
  const std::shared_ptr<const transport::PeerIdentity> one_stop = Peer(OneStopCertificate(), 1);
  const std::shared_ptr<const transport::PeerIdentity> insurer = Peer(InsurerCertificate(), 2);
  std::unique_ptr<broker::Broker> broker;

 private:
  std::vector<std::unique_ptr<FakeServerCall>> calls_;
};

}  // namespace ndx::tests
