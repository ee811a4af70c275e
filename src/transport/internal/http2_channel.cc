#include "internal/http2_channel.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {

Http2Channel::Http2Channel(EventLoop& loop, core::Random& random, ChannelOptions options,
                           AddressText address, std::shared_ptr<const TlsContext> tls)
    : loop_(loop),
      random_(random),
      options_(std::move(options)),
      address_(std::move(address)),
      tls_(std::move(tls)) {
  if (options_.tls && options_.tls->server_uri.empty()) {
    server_name_ = options_.tls->server_name.empty() ? address_.host : options_.tls->server_name;
  }
  authority_ = options_.authority;
  if (authority_.empty() && options_.tls) authority_ = options_.tls->server_name;
  if (authority_.empty()) authority_ = address_.is_unix ? "localhost" : options_.address;
}

Http2Channel::~Http2Channel() {
  closing_ = true;
  loop_.Cancel(serve_timer_);
  for (const auto& connection : connections_) connection->Disown();
  while (!calls_.empty()) {  // an observer may start another call, which ends the same way
    const auto calls = std::exchange(calls_, {});
    for (const auto& [stream, owner] : calls) {
      stream->Fail(EndCause::kChannelClosed, absl::StatusCode::kUnavailable, "channel closed");
    }
    for (const auto& [stream, owner] : calls) stream->TellEnd();
  }
  for (auto& connection : connections_) {
    connection.release()->End(ConnectionEnd::kStopping, "channel closed");  // deletes itself
  }
}

std::unique_ptr<ClientCall> Http2Channel::Start(CallHead head, ClientCallObserver* observer) {
  auto owner = std::make_unique<ClientStream>(*this, std::move(head), observer);
  ClientStream* stream = owner.get();
  auto handle = std::make_unique<CallHandle>(stream);
  calls_.emplace(stream, std::move(owner));
  Place(stream);
  return handle;
}

void Http2Channel::Place(ClientStream* stream) {
  if (closing_ || (queue_.empty() && TryBegin(stream))) return;
  if (MayConnect()) Connect();
  if (!AnyUsable()) {
    stream->Fail(EndCause::kConnectFailed, absl::StatusCode::kUnavailable,
                 absl::StrCat("cannot connect: ", connect_error_));
    return;
  }
  if (queue_.size() >= options_.limits.queued_calls_max) {
    stream->Fail(EndCause::kQueueFull, absl::StatusCode::kResourceExhausted,
                 "too many calls wait for this server");
    return;
  }
  const QueueKey key{stream->deadline_or_never(), next_in_queue_++};
  queue_.emplace(key, stream);
  queued_.emplace(stream, key);
}

bool Http2Channel::TryBegin(ClientStream* stream) {
  for (const auto& connection : connections_) {
    if (connection->HasRoom() && stream->Begin(*connection)) return true;
  }
  return false;
}

void Http2Channel::ServeQueue() {
  while (!queue_.empty()) {
    ClientStream* stream = queue_.begin()->second;
    if (!TryBegin(stream)) break;
    queue_.erase(queue_.begin());
    queued_.erase(stream);
  }
  if (queue_.empty()) return;
  if (MayConnect()) Connect();
  if (!AnyUsable()) FailQueue();
}

void Http2Channel::FailQueue() {
  while (!queue_.empty()) {
    queue_.begin()->second->Fail(EndCause::kConnectFailed, absl::StatusCode::kUnavailable,
                                 absl::StrCat("cannot connect: ", connect_error_));
  }
}

bool Http2Channel::AnyUsable() const {
  return lookup_ != nullptr ||
         std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& connection) { return connection->usable(); });
}

bool Http2Channel::MayConnect() const {
  if (lookup_ != nullptr || loop_.NowNanos() < next_attempt_nanos_) return false;
  size_t usable = 0;
  for (const auto& connection : connections_) {
    if (!connection->usable()) continue;
    if (!connection->ready()) return false;  // one at a time
    ++usable;
  }
  return usable < options_.limits.connections_max;
}

void Http2Channel::Connect() {
  auto local = ResolveLocally(address_);
  if (!absl::IsNotFound(local.status())) {
    if (local.ok()) {
      ConnectTo(std::vector<SocketAddress>{*local});
    } else {
      ConnectFailed(std::string(local.status().message()));
    }
    return;
  }
  lookup_ = std::make_unique<NameLookup>(loop_, address_,
                                         [this](absl::StatusOr<std::vector<SocketAddress>> found) {
                                           lookup_.reset();
                                           ConnectTo(std::move(found));
                                           OnRoom();
                                         });
}

void Http2Channel::ConnectTo(absl::StatusOr<std::vector<SocketAddress>> found) {
  if (!found.ok() || found->empty()) {
    ConnectFailed(found.ok() ? "no address" : std::string(found.status().message()));
    return;
  }
  // After a failure the next attempt takes the next address.
  const SocketAddress& address = (*found)[next_address_ % found->size()];
  const auto fd = StartConnect(address);
  if (!fd.ok()) {
    ConnectFailed(std::string(fd.status().message()));
    return;
  }
  if (!address.is_unix()) {
    TuneTcp(*fd, absl::ToInt64Milliseconds(options_.timeouts.tcp_user));
  }
  auto stream = tls_ != nullptr ? ByteStream::Connecting(*fd, tls_, server_name_)
                                : std::make_unique<ByteStream>(*fd);
  connections_.push_back(std::make_unique<ClientConnection>(*this, loop_, std::move(stream),
                                                            options_, next_connection_id_++));
  connections_.back()->Start();
}

void Http2Channel::ConnectFailed(const std::string& text) {
  connect_error_ = text;
  ++next_address_;
  const ChannelTimeouts& timeouts = options_.timeouts;
  const double scale = std::pow(timeouts.backoff_factor, std::min(failures_, 100));
  ++failures_;
  const absl::Duration wait = std::min(timeouts.backoff_first * scale, timeouts.backoff_max);
  const double unit = static_cast<double>(random_.Next64() >> 11) * 0x1p-53;
  const double jitter = 1 + timeouts.backoff_jitter * (2 * unit - 1);
  next_attempt_nanos_ = loop_.NowNanos() + absl::ToInt64Nanoseconds(wait * jitter);
}

void Http2Channel::OnConnectionReady(ClientConnection* /*connection*/) {
  failures_ = 0;
  next_attempt_nanos_ = 0;
  OnRoom();
}

void Http2Channel::OnRoom() {
  if (queue_.empty() || serve_timer_.number != 0) return;
  // Not at once: this is told from within streams and callbacks of nghttp2.
  serve_timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
    serve_timer_ = {};
    ServeQueue();
  });
}

void Http2Channel::OnConnectionEnded(ClientConnection* connection, bool was_ready,
                                     const std::string& text) {
  if (!was_ready) ConnectFailed(text);
  connections_.erase(std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& owned) { return owned.get() == connection; }));
  OnRoom();
}

void Http2Channel::OnCallEnded(ClientStream* stream) {
  if (const auto found = queued_.find(stream); found != queued_.end()) {
    queue_.erase(found->second);
    queued_.erase(found);
  }
  ended_.push_back(stream);
  if (closing_ || ended_.size() > 1) return;
  loop_.Defer([self = std::weak_ptr<Http2Channel*>(self_)] {
    if (const auto alive = self.lock()) (*alive)->ReleaseEnded();
  });
}

void Http2Channel::ReleaseEnded() {
  std::vector<std::unique_ptr<ClientStream>> released;
  for (ClientStream* stream : std::exchange(ended_, {})) {
    const auto found = calls_.find(stream);
    released.push_back(std::move(found->second));
    calls_.erase(found);
  }
  // An observer may destroy the channel; the calls that are told here are no longer its own.
  for (const auto& stream : released) stream->TellEnd();
}

absl::Status Http2Channel::UpdateTls(const TlsFiles& files) {
  if (tls_ == nullptr) return absl::FailedPreconditionError("the channel is plaintext");
  NDX_ASSIGN_OR_RETURN(tls_, TlsContext::Create(TlsContext::Role::kClient, files,
                                                options_.limits.certificate_chain_bytes_max));
  for (const auto& connection : connections_) connection->Retire();
  return absl::OkStatus();
}

}  // namespace ndx::transport
