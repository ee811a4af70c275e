#include "loopback.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

class StreamAnswer final : public Probe {
 public:
  using Probe::Probe;
  void OnMessage(Message message) override {
    const std::vector<std::string> words = absl::StrSplit(*message, ' ');
    NDX_CHECK(absl::SimpleAtoi(words.at(0), &left_) && absl::SimpleAtoi(words.at(1), &size_));
    Probe::OnMessage(std::move(message));
    Pump();
  }
  void OnSendable() override {
    Probe::OnSendable();
    Pump();
  }

 private:
  void Pump() {
    while (left_ > 0 && call.pending_send_bytes() <= ServerCall::kSendLowWaterBytes) {
      call.SendMessage(MakeMessage(std::string(size_, static_cast<char>('a' + left_ % 26))));
      --left_;
      most_ = std::max(most_, call.pending_send_bytes());
    }
    if (left_ > 0) return;
    log.Add(absl::StrCat("most pending ", most_));
    call.Finish({});
  }

  size_t left_ = 0;
  size_t size_ = 0;
  size_t most_ = 0;
};

}  // namespace

void EventLog::Add(std::string event) {
  core::MutexLock lock(mutex_);
  events_.push_back(std::move(event));
  changed_.NotifyAll();
}

size_t EventLog::CountLocked(const std::string& start) const {
  return static_cast<size_t>(
      std::count_if(events_.begin(), events_.end(),
                    [&start](const std::string& event) { return absl::StartsWith(event, start); }));
}

size_t EventLog::Count(const std::string& start) const {
  core::MutexLock lock(mutex_);
  return CountLocked(start);
}

std::string EventLog::Await(const std::string& start) {
  if (!AwaitCount(start, 1)) return "";
  core::MutexLock lock(mutex_);
  return *std::find_if(events_.begin(), events_.end(), [&start](const std::string& event) {
    return absl::StartsWith(event, start);
  });
}

bool EventLog::AwaitCount(const std::string& start, size_t count) {
  const core::SystemClock clock;
  const int64_t until = clock.MonotonicNanos() + absl::ToInt64Nanoseconds(kPatience);
  core::MutexLock lock(mutex_);
  while (CountLocked(start) < count) {
    const int64_t left = until - clock.MonotonicNanos();
    if (left <= 0) return false;
    changed_.WaitFor(mutex_, absl::Nanoseconds(left));
  }
  return true;
}

std::vector<std::string> EventLog::All() const {
  core::MutexLock lock(mutex_);
  return events_;
}

void Probe::OnMessage(Message message) {
  log.Add(absl::StrCat("message ", message->size()));
  if (release) call.ReleaseReceived(message->size());
  if (on_message) on_message(std::move(message));
}

void Probe::OnRequestEnd() {
  log.Add("request end");
  if (on_end) on_end();
}

void Probe::OnRequestMalformed(absl::Status status) {
  log.Add(absl::StrCat("malformed ", std::string(status.ToString())));
  if (on_malformed) {
    on_malformed(std::move(status));
  } else {
    call.Finish(ToGrpcStatus(status));
  }
}

void Probe::OnCancelled(CancelCause cause) {
  log.Add(absl::StrCat("cancelled ", CancelCauseName(cause)));
  if (on_cancelled) {
    on_cancelled(cause);
  } else {
    call.Finish({});
  }
}

void Probe::OnSendable() {
  log.Add("sendable");
  if (on_sendable) on_sendable();
}

void Probe::OnClosed(bool delivered) {
  log.Add(delivered ? "closed delivered" : "closed undelivered");
}

Script::Script() { AddDefaults(); }

std::unique_ptr<ServerCallObserver> Script::OnCall(ServerCall& call) {
  const auto found = methods_.find(call.head().path);
  log.Add("call " + call.head().path);
  if (found != methods_.end()) return found->second(call);
  call.Finish(MakeGrpcStatus(absl::StatusCode::kUnimplemented, "no such method"));
  return std::make_unique<Probe>(call, log);
}

void Script::AddDefaults() {
  Add("/t.T/Echo", [this](ServerCall& call) {
    call.ExpectOneMessage();
    auto probe = std::make_unique<Probe>(call, log);
    probe->on_message = [&call](Message message) {
      Metadata echoed;
      for (const auto& entry : call.head().metadata.entries()) echoed.Add(entry.key, entry.value);
      call.SendInitialMetadata(echoed);
      call.SendMessage(std::move(message));
    };
    probe->on_end = [&call] { call.Finish({}, Metadata{{"x-trailer", "t"}}); };
    return probe;
  });
  Add("/t.T/EchoStream", [this](ServerCall& call) {
    auto probe = std::make_unique<Probe>(call, log);
    probe->on_message = [&call](Message message) { call.SendMessage(std::move(message)); };
    probe->on_end = [&call] { call.Finish({}); };
    return probe;
  });
  Add("/t.T/Fail", [this](ServerCall& call) {
    auto probe = std::make_unique<Probe>(call, log);
    probe->on_end = [&call] {
      GrpcStatus status = MakeGrpcStatus(absl::StatusCode::kNotFound, "Không tìm thấy 100%");
      status.details_bin = std::string("\x08\x05\0\xFF", 4);
      call.Finish(std::move(status), Metadata{{"ndx-receipt-bin", "\x01\x02"}});
    };
    return probe;
  });
  Add("/t.T/Hold", [this](ServerCall& call) { return std::make_unique<Probe>(call, log); });
  Add("/t.T/Stream", [this](ServerCall& call) {
    call.ExpectOneMessage();
    return std::make_unique<StreamAnswer>(call, log);
  });
}

void LoggedServer::OnHandshakeRefused(absl::string_view /*address*/, HandshakeRefusal refusal,
                                      absl::string_view cause) {
  log.Add(absl::StrCat("refused ", HandshakeRefusalName(refusal), ": ", cause));
}
void LoggedServer::OnConnectionOpened(const PeerIdentity& /*peer*/) { log.Add("opened"); }
void LoggedServer::OnConnectionClosed(const PeerIdentity& /*peer*/) { log.Add("closed"); }
void LoggedServer::OnAttackCutOff(const PeerIdentity& /*peer*/, ConnectionAttack attack) {
  log.Add(absl::StrCat("attack ", ConnectionAttackName(attack)));
}
void LoggedServer::OnStreamCutOff(const PeerIdentity& /*peer*/) { log.Add("stream cut off"); }
void LoggedServer::OnConnectionRefused(absl::string_view /*address*/, absl::string_view cause) {
  log.Add(absl::StrCat("turned away: ", cause));
}
void LoggedServer::OnNotGrpc(const PeerIdentity& /*peer*/, int http_status) {
  log.Add(absl::StrCat("not gRPC ", http_status));
}

const tests::TestPki& Pki() {
  static const tests::TestPki pki;
  return pki;
}

Loopback::Loopback(Wire wire, ServerOptions options, size_t server_loops)
    : Loopback(wire, std::move(options), system_clock_, server_loops) {}

Loopback::Loopback(Wire wire, ServerOptions options, const core::Clock& clock, size_t server_loops)
    : clock_(clock),
      wire_(wire),
      server_loops_(clock, server_loops, "server"),
      client_loops_(clock, 1, "client"),
      options_(std::move(options)) {
  server_loops_.Start();
  client_loops_.Start();
}

void Loopback::StartServer() {
  ListenAddress listen{.address = "127.0.0.1:0"};
  if (wire_ == Wire::kUnix) listen.address = "unix:" + dir_.File("socket");
  if (wire_ == Wire::kTls) listen.tls = Pki().Server();
  options_.listen = {listen};
  server = std::make_unique<Server>(server_loops_, random, options_, script, observer);
  const auto ports = server->Start();
  NDX_CHECK(ports.ok());
  port_ = ports->front();
  address_ = wire_ == Wire::kUnix ? listen.address : absl::StrCat("127.0.0.1:", port_);
}

Loopback::~Loopback() {
  CloseChannel();
  server.reset();
}

ChannelOptions Loopback::DefaultChannel() const {
  ChannelOptions options;
  options.address = address_;
  if (wire_ == Wire::kTls) options.tls = ChannelTls{.files = Pki().Client()};
  return options;
}

Channel& Loopback::NewChannel(ChannelOptions options) {
  CloseChannel();
  auto made = Channel::Create(client_loop(), random, std::move(options));
  NDX_CHECK(made.ok());
  channel_ = *std::move(made);
  return *channel_;
}

void Loopback::CloseChannel() {
  if (channel_ != nullptr) client_loop().RunAndWait([this] { channel_.reset(); });
}

tests::CallAnswer Loopback::Call(CallHead head, std::vector<std::string> messages) {
  if (channel_ == nullptr) NewChannel();
  return tests::Call(client_loop(), *channel_, std::move(head), std::move(messages));
}

}  // namespace ndx::transport
