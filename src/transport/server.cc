#include "ndx/transport/server.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "internal/listener.h"
#include "internal/server_shard.h"
#include "internal/server_shared.h"
#include "internal/socket_address.h"
#include "internal/tls_context.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {

std::vector<std::string> CallerMetadataKeys() {
  return {"ndx-provider",    "ndx-purpose",       "ndx-dossier",
          "ndx-procedure",   "ndx-officer",       "ndx-officer-token",
          "ndx-exchange-id", "ndx-signature-bin", "ndx-relay-assertion-bin"};
}

absl::string_view CancelCauseName(CancelCause cause) {
  switch (cause) {
    case CancelCause::kResetByCaller:
      return "reset_by_caller";
    case CancelCause::kConnectionLost:
      return "connection_lost";
    case CancelCause::kConnectionCut:
      return "connection_cut";
    case CancelCause::kServerStopping:
      break;
  }
  return "server_stopping";
}

// Everything of a server: one shard for each loop, and what they share.
class Server::Core {
 public:
  Core(EventLoopGroup& loops, core::Random& random, ServerOptions options, ServerService& service,
       ServerObserver& observer)
      : shared_(std::move(options), service, observer, random) {
    shared_.shards = loops.size();
    for (size_t i = 0; i < loops.size(); ++i) {
      shards_.push_back(
          std::make_unique<ServerShard>(shared_, loops.loop(i), shared_.options.listen.size()));
    }
  }

  absl::StatusOr<std::vector<uint16_t>> Start();
  void Drain(absl::Duration deadline, absl::AnyInvocable<void(bool)> done);
  void Stop();
  absl::Status UpdateTls(const TlsFiles& files);
  void Dismiss(const std::function<bool(const PeerIdentity&)>& which, absl::Duration grace);
  const ServerShared& shared() const { return shared_; }
  size_t UnsentBytes() const {
    size_t bytes = 0;
    for (const auto& shard : shards_) bytes += shard->unsent_bytes();
    return bytes;
  }

 private:
  // The sockets of one address, one for each shard, open until they are handed over.
  struct Sockets {
    ~Sockets() {
      for (const int fd : fds) close(fd);
    }
    std::vector<int> fds;
    uint16_t port = 0;
    bool is_unix = false;
  };

  absl::Status Bind(const ListenAddress& listen, Sockets* sockets);
  void Accepted(int fd, size_t listener);
  std::unique_ptr<Listener> MakeListener(EventLoop& loop, int fd, bool is_unix, size_t index);

  ServerShared shared_;
  std::vector<std::unique_ptr<ServerShard>> shards_;
  std::vector<std::string> unix_paths_;
  bool stopped_ = false;
};

absl::Status Server::Core::Bind(const ListenAddress& listen, Sockets* sockets) {
  NDX_ASSIGN_OR_RETURN(const AddressText text, ParseAddress(listen.address));
  NDX_ASSIGN_OR_RETURN(std::vector<SocketAddress> found, ResolveBlocking(text));
  if (found.empty()) return absl::InvalidArgumentError(listen.address + ": no address");
  SocketAddress address = found.front();
  if (!listen.tls && !address.is_local()) {
    return absl::InvalidArgumentError(
        listen.address +
        ": plaintext is for loopback and UNIX sockets only; TLS files are missing");
  }
  sockets->is_unix = address.is_unix();
  if (sockets->is_unix) {
    NDX_ASSIGN_OR_RETURN(const int fd, Listen(address, false, listen.unix_mode));
    sockets->fds.push_back(fd);
    while (sockets->fds.size() < shards_.size()) {
      sockets->fds.push_back(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    }
    unix_paths_.push_back(text.host);
    return absl::OkStatus();
  }
  // SO_REUSEPORT would share the port with a server that somebody forgot: see that it is free
  // first.
  NDX_ASSIGN_OR_RETURN(const int probe, Listen(address, false, 0));
  address.set_port(LocalAddressOf(probe).port());
  close(probe);
  sockets->port = address.port();
  while (sockets->fds.size() < shards_.size()) {
    NDX_ASSIGN_OR_RETURN(const int fd, Listen(address, true, 0));
    sockets->fds.push_back(fd);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<uint16_t>> Server::Core::Start() {
  const auto& listen = shared_.options.listen;
  std::vector<Sockets> sockets(listen.size());
  std::vector<std::shared_ptr<const TlsContext>> tls(listen.size());
  for (size_t i = 0; i < listen.size(); ++i) {
    if (listen[i].tls) {
      NDX_ASSIGN_OR_RETURN(tls[i],
                           TlsContext::Create(TlsContext::Role::kServer, *listen[i].tls,
                                              shared_.options.limits.certificate_chain_bytes_max));
    }
    NDX_RETURN_IF_ERROR(Bind(listen[i], &sockets[i]));
  }
  std::vector<uint16_t> ports;
  for (size_t i = 0; i < listen.size(); ++i) {
    ports.push_back(sockets[i].port);
    for (size_t s = 0; s < shards_.size(); ++s) {
      ServerShard& shard = *shards_[s];
      auto listener =
          MakeListener(shard.loop(), std::exchange(sockets[i].fds[s], -1), sockets[i].is_unix, i);
      shard.loop().RunAndWait([&shard, &listener, &tls, i] {
        shard.SetTls(i, tls[i]);
        shard.AddListener(std::move(listener));
      });
    }
  }
  return ports;
}

std::unique_ptr<Listener> Server::Core::MakeListener(EventLoop& loop, int fd, bool is_unix,
                                                     size_t index) {
  Listener::Events events{.accepted = [this, index](int accepted) { Accepted(accepted, index); },
                          .refused =
                              [this](absl::string_view address, absl::string_view cause) {
                                shared_.observer.OnConnectionRefused(address, cause);
                              }};
  return std::make_unique<Listener>(loop, fd, is_unix, shared_.options.timeouts.accept_pause,
                                    std::move(events));
}

void Server::Core::Accepted(int fd, size_t listener) {
  if (shared_.connections.fetch_add(1) >= shared_.options.limits.connections_max) {
    shared_.connections.fetch_sub(1);
    const std::string address = PeerAddressOf(fd).ToString();
    close(fd);
    shared_.observer.OnConnectionRefused(address, "too many connections");
    return;
  }
  // The kernel spreads connections by their hash; a few long-lived ones need a fairer hand.
  const auto least = std::min_element(
      shards_.begin(), shards_.end(),
      [](const auto& a, const auto& b) { return a->connections() < b->connections(); });
  ServerShard& shard = **least;
  shard.Reserve();
  shard.loop().Post([&shard, fd, listener] { shard.Adopt(fd, listener); });
}

void Server::Core::Drain(absl::Duration deadline, absl::AnyInvocable<void(bool)> done) {
  struct Tally {
    core::Mutex mutex;
    size_t left ABSL_GUARDED_BY(mutex) = 0;
    bool clean ABSL_GUARDED_BY(mutex) = true;
    absl::AnyInvocable<void(bool)> done;
  };
  auto tally = std::make_shared<Tally>();  // shared by the shards, the last of which reports
  {
    core::MutexLock lock(tally->mutex);
    tally->left = shards_.size();
    tally->done = std::move(done);
  }
  for (const auto& shard : shards_) {
    shard->loop().Post([&shard = *shard, deadline, tally] {
      shard.Drain(deadline, [tally](bool clean) {
        bool last = false;
        bool all_clean = false;
        {
          core::MutexLock lock(tally->mutex);
          tally->clean = tally->clean && clean;
          all_clean = tally->clean;
          last = --tally->left == 0;
        }
        if (last) tally->done(all_clean);
      });
    });
  }
}

void Server::Core::Stop() {
  if (std::exchange(stopped_, true)) return;
  // A socket may be on its way from one shard's listener to another: end all listeners first.
  for (const auto& shard : shards_) {
    shard->loop().RunAndWait([&shard = *shard] { shard.EndConnections(); });
  }
  for (const auto& shard : shards_) {
    shard->loop().RunAndWait([&shard = *shard] { shard.DropCalls(); });
  }
  for (const auto& shard : shards_) {
    shard->loop().RunAndWait([] {});  // what was put off to the end of the round is done now
  }
  for (const std::string& path : unix_paths_) unlink(path.c_str());
}

absl::Status Server::Core::UpdateTls(const TlsFiles& files) {
  NDX_ASSIGN_OR_RETURN(const auto tls,
                       TlsContext::Create(TlsContext::Role::kServer, files,
                                          shared_.options.limits.certificate_chain_bytes_max));
  for (const auto& shard : shards_) {
    shard->loop().RunAndWait([this, &shard = *shard, &tls] {
      for (size_t i = 0; i < shared_.options.listen.size(); ++i) {
        if (shared_.options.listen[i].tls) shard.SetTls(i, tls);
      }
    });
  }
  return absl::OkStatus();
}

void Server::Core::Dismiss(const std::function<bool(const PeerIdentity&)>& which,
                           absl::Duration grace) {
  for (const auto& shard : shards_) {
    shard->loop().RunAndWait(
        [&shard = *shard, which, grace]() mutable { shard.Dismiss(which, grace); });
  }
}

Server::Server(EventLoopGroup& loops, core::Random& random, ServerOptions options,
               ServerService& service, ServerObserver& observer)
    : core_(std::make_unique<Core>(loops, random, std::move(options), service, observer)) {}

Server::~Server() { Stop(); }

absl::StatusOr<std::vector<uint16_t>> Server::Start() { return core_->Start(); }

void Server::Drain(absl::Duration deadline, absl::AnyInvocable<void(bool clean)> done) {
  core_->Drain(deadline, std::move(done));
}

void Server::Stop() { core_->Stop(); }

absl::Status Server::UpdateTls(const TlsFiles& files) { return core_->UpdateTls(files); }

void Server::Dismiss(const std::function<bool(const PeerIdentity&)>& which, absl::Duration grace) {
  core_->Dismiss(which, grace);
}

size_t Server::connections() const { return core_->shared().connections.load(); }
size_t Server::calls() const { return core_->shared().calls.load(); }
size_t Server::buffered_bytes() const { return core_->shared().budget.used(); }
size_t Server::unsent_bytes() const { return core_->UnsentBytes(); }

}  // namespace ndx::transport
