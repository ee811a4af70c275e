// A server and a channel on the loopback, and the observers that the tests of both share.
//
// Thread-safety: Script and EventLog are thread-safe; the rest belongs to the test's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "ndx/core/mutex.h"
#include "ndx/core/system_clock.h"
#include "ndx/tests/support/blocking_call.h"
#include "ndx/tests/support/fake_random.h"
#include "ndx/tests/support/temp_dir.h"
#include "ndx/tests/support/test_pki.h"
#include "ndx/transport/channel.h"
#include "ndx/transport/event_loop_group.h"
#include "ndx/transport/server.h"

namespace ndx::transport {

// What happened, in order; waits for something to happen.
class EventLog {
 public:
  void Add(std::string event);
  // Waits until an event starts with the text; the event, or "" after ten seconds.
  std::string Await(const std::string& start);
  // Waits until so many events start with the text; false after ten seconds.
  bool AwaitCount(const std::string& start, size_t count);
  size_t Count(const std::string& start) const;
  std::vector<std::string> All() const;

 private:
  size_t CountLocked(const std::string& start) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable core::Mutex mutex_;
  core::CondVar changed_;
  std::vector<std::string> events_ ABSL_GUARDED_BY(mutex_);
};

// A call observer made of functions; every event goes to the log as well, as "message 3",
// "request end", "malformed INTERNAL: …", "cancelled reset_by_caller", "sendable", "closed
// delivered".
class Probe : public ServerCallObserver {
 public:
  Probe(ServerCall& c, EventLog& l) : call(c), log(l) {}
  ~Probe() override { log.Add("destroyed"); }

  void OnMessage(Message message) override;
  void OnRequestEnd() override;
  void OnRequestMalformed(absl::Status status) override;
  void OnCancelled(CancelCause cause) override;
  void OnSendable() override;
  void OnClosed(bool delivered) override;

  ServerCall& call;
  EventLog& log;
  bool release = true;
  std::function<void(Message)> on_message;
  std::function<void()> on_end;
  std::function<void(absl::Status)> on_malformed;  // default: Finish with it
  std::function<void(CancelCause)> on_cancelled;   // default: Finish
  std::function<void()> on_sendable;
};

// A service whose methods are functions by path.
class Script final : public ServerService {
 public:
  using Method = std::function<std::unique_ptr<ServerCallObserver>(ServerCall&)>;
  Script();
  std::unique_ptr<ServerCallObserver> OnCall(ServerCall& call) override;
  // Before the server starts only.
  void Add(const std::string& path, Method method) { methods_[path] = std::move(method); }

  EventLog log;

 private:
  // "/t.T/Echo": one message, the same back, metadata x-* echoed. "/t.T/EchoStream": every message
  // back. "/t.T/Fail": NOT_FOUND with details, trailers only. "/t.T/Hold": nothing until cancelled.
  // "/t.T/Stream": "<count> <size>" as request, so many messages, in step with OnSendable.
  void AddDefaults();
  std::map<std::string, Method> methods_;
};

class LoggedServer final : public ServerObserver {
 public:
  void OnHandshakeRefused(absl::string_view address, HandshakeRefusal refusal,
                          absl::string_view cause) override;
  void OnConnectionOpened(const PeerIdentity& peer) override;
  void OnConnectionClosed(const PeerIdentity& peer) override;
  void OnAttackCutOff(const PeerIdentity& peer, ConnectionAttack attack) override;
  void OnStreamCutOff(const PeerIdentity& peer) override;
  void OnConnectionRefused(absl::string_view address, absl::string_view cause) override;
  void OnNotGrpc(const PeerIdentity& peer, int http_status) override;

  EventLog log;
};

enum class Wire { kPlaintext, kUnix, kTls };

// One PKI for all tests of the program: making it takes half a second.
const tests::TestPki& Pki();

class Loopback {
 public:
  explicit Loopback(Wire wire, ServerOptions options = {}, size_t server_loops = 1);
  Loopback(Wire wire, ServerOptions options, const core::Clock& clock, size_t server_loops);
  ~Loopback();

  void StartServer();
  std::string address() const { return address_; }
  uint16_t port() const { return port_; }
  ChannelOptions DefaultChannel() const;

  // A channel on the client's loop; the last one is used by Call().
  Channel& NewChannel(ChannelOptions options);
  Channel& NewChannel() { return NewChannel(DefaultChannel()); }
  void CloseChannel();
  tests::CallAnswer Call(CallHead head, std::vector<std::string> messages);
  tests::CallAnswer Call(const std::string& path, std::vector<std::string> messages) {
    return Call(CallHead{.path = path}, std::move(messages));
  }
  int64_t NowNanos() const { return clock_.MonotonicNanos(); }
  EventLoop& client_loop() { return client_loops_.loop(0); }
  EventLoop& server_loop() { return server_loops_.loop(0); }

  tests::FakeRandom random;
  Script script;
  LoggedServer observer;

 private:
  const core::SystemClock system_clock_;
  const core::Clock& clock_;
  const Wire wire_;
  tests::TempDir dir_;
  std::string address_;
  uint16_t port_ = 0;
  EventLoopGroup server_loops_;
  EventLoopGroup client_loops_;
  ServerOptions options_;
  std::unique_ptr<Channel> channel_;

 public:
  std::unique_ptr<Server> server;
};

}  // namespace ndx::transport
