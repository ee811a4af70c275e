#include "ndx/http/http_server.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>
#include <set>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/mutex.h"
#include "server_tls.h"

namespace ndx::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
constexpr std::chrono::milliseconds kAcceptPause{100};
constexpr size_t kReadBytes = size_t{8} << 10;
// After an answer to a request that was not read whole.
constexpr std::chrono::seconds kLinger{2};
constexpr size_t kLingerBytesMax = size_t{4} << 20;

using Message = beast::http::response<beast::http::string_body>;

HttpRequest Translate(beast::http::request<beast::http::string_body>&& message) {
  const std::string target(message.target().data(), message.target().size());
  const size_t question = target.find('?');
  HttpRequest request{.method = std::string(message.method_string()),
                      .path = target.substr(0, question),
                      .query = question == std::string::npos ? "" : target.substr(question + 1),
                      .body = std::move(message.body())};
  for (const auto& field : message) {
    request.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                 std::string(field.value()));
  }
  return request;
}

Message Translate(HttpResponse&& response, unsigned version, bool head) {
  Message message(beast::http::status::ok, version);
  message.result(static_cast<unsigned>(response.status));
  message.set(beast::http::field::content_type, response.content_type);
  message.set(beast::http::field::cache_control, "no-store");
  message.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) message.set(name, value);
  const size_t length = response.body.size();
  if (!head) message.body() = std::move(response.body);
  message.content_length(length);
  return message;
}

std::string TextOf(Message& message) {
  std::string text;
  beast::http::serializer<false, beast::http::string_body> serializer(message);
  beast::error_code error;  // of a body that cannot be read; this one is in memory
  while (!serializer.is_done()) {
    serializer.next(error, [&](const beast::error_code&, const auto& buffers) {
      text += beast::buffers_to_string(buffers);
      serializer.consume(beast::buffer_bytes(buffers));
    });
  }
  return text;
}

// By which word the observer is told; empty for a peer that went away by itself.
absl::string_view CauseOf(const beast::error_code& error) {
  using Error = beast::http::error;
  if (error == beast::error::timeout) return "too_slow";
  if (error == Error::header_limit) return "headers_too_large";
  if (error == Error::body_limit) return "body_too_large";
  const bool network = error.category() != make_error_code(Error::end_of_stream).category();
  if (network || error == Error::end_of_stream || error == Error::partial_message) return "";
  return "malformed";
}

std::string AddressOf(const Tcp::socket& socket) {
  beast::error_code error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return "";
  const std::string host = peer.address().to_string();
  const bool six = peer.address().is_v6();
  return absl::StrCat(six ? "[" : "", host, six ? "]:" : ":", peer.port());
}

// What a request that cannot be read is answered, or nothing when the peer is gone or too slow.
std::optional<HttpResponse> AnswerTo(const beast::error_code& error) {
  using Error = beast::http::error;
  if (error == Error::header_limit) {
    return HttpResponse{.status = 431, .body = "headers too large\n"};
  }
  if (error == Error::body_limit) return HttpResponse{.status = 413, .body = "body too large\n"};
  const bool network = error.category() != make_error_code(Error::end_of_stream).category();
  if (network || error == Error::end_of_stream || error == Error::partial_message) {
    return std::nullopt;
  }
  return HttpResponse{.status = 400, .body = "not a valid HTTP/1.1 request\n"};
}

std::chrono::nanoseconds ToChrono(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

absl::Status CheckOptions(const HttpServerOptions& options) {
  if (options.header_bytes_max == 0 || options.connections_max == 0 ||
      options.requests_per_connection_max == 0 || options.request_timeout <= absl::ZeroDuration() ||
      options.answer_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("every limit of the HTTP server must be above zero");
  }
  return absl::OkStatus();
}

// The way to the server's thread for answers that come from others; shared with them, for they may
// outlive the server.
class Return {
 public:
  explicit Return(asio::io_context& io) : io_(&io) {}

  void Post(absl::AnyInvocable<void()> task) {
    const core::MutexLock lock(mutex_);
    if (io_ != nullptr) asio::post(*io_, std::move(task));
  }

  void Close() {
    const core::MutexLock lock(mutex_);
    io_ = nullptr;
  }

 private:
  core::Mutex mutex_;
  asio::io_context* io_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

// Everything of the thread: acceptor and connections. Once Run() was called all members are
// touched by that thread only; Stop() posts to it and joins it.
class HttpServer::Loop {
 public:
  Loop(const HttpServerOptions& options, WaitingHttpSite& site)
      : options_(options), site_(site), acceptor_(io_) {}
  ~Loop() { return_->Close(); }

  absl::Status Listen();
  void Run();
  absl::Status UpdateTls(const HttpServerTls& tls);
  void Stop();
  uint16_t port() const { return port_; }

 private:
  // One connection. shared_ptr because the library's callbacks may run after it left the set.
  class Connection : public std::enable_shared_from_this<Connection> {
   public:
    Connection(Tcp::socket socket, Loop& loop)
        : address_(AddressOf(socket)), stream_(std::move(socket)), loop_(loop) {
      if (loop_.options_.tls.has_value()) tls_.emplace(stream_, *loop_.tls_);
    }
    // Shakes hands where there is TLS, then reads.
    void Begin();
    // Closes now, or after the answer that is being written.
    void Finish();

   private:
    void Read();
    void ReadMore();
    void OnBytes(const beast::error_code& error);
    void OnRead(const beast::error_code& error);
    HttpPeer Peer();
    void OnAnswer(HttpResponse response);
    void Write(HttpResponse response, unsigned version, bool head, bool keep_alive);
    void OnWritten(const beast::error_code& error, bool keep_alive);
    void Linger();
    void Discard(size_t discarded);
    void Close();

    const std::string address_;
    beast::tcp_stream stream_;
    std::optional<asio::ssl::stream<beast::tcp_stream&>> tls_;
    Loop& loop_;
    beast::flat_buffer buffer_;
    std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
    // Of the request that the site has.
    bool awaiting_ = false;
    unsigned version_ = 11;
    bool head_ = false;
    bool keep_alive_ = false;
    std::string answer_;
    size_t requests_ = 0;
    bool unread_ = false;  // refused before all of it was read
    bool writing_ = false;
    bool finishing_ = false;
  };

  void Accept();
  void AcceptLater();
  void TellRefused(absl::string_view address, absl::string_view cause) {
    if (options_.observer != nullptr && !cause.empty()) {
      options_.observer->OnRefused(address, cause);
    }
  }

  const HttpServerOptions options_;
  WaitingHttpSite& site_;
  // Sessions hold what they need of the one they began with.
  std::shared_ptr<asio::ssl::context> tls_ = NewTlsContext();
  asio::io_context io_{1};
  const std::shared_ptr<Return> return_ = std::make_shared<Return>(io_);
  Tcp::acceptor acceptor_;
  asio::steady_timer accept_pause_{io_};
  uint16_t port_ = 0;
  std::set<std::shared_ptr<Connection>> connections_;
  std::thread thread_;
};

absl::Status HttpServer::Loop::Listen() {
  beast::error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error || (!address.is_loopback() && !options_.tls.has_value())) {
    return absl::InvalidArgumentError(
        "the address of the HTTP server must be a loopback address, such as 127.0.0.1, unless it "
        "has a certificate");
  }
  if (options_.tls.has_value()) {
    if (absl::Status status = UseCertificate(*tls_, *options_.tls); !status.ok()) return status;
  }
  const Tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.address, " port ",
                                               options_.port, ": ", error.message()));
  }
  port_ = acceptor_.local_endpoint(error).port();
  return absl::OkStatus();
}

void HttpServer::Loop::Run() {
  Accept();
  thread_ = std::thread([this] { io_.run(); });
}

absl::Status HttpServer::Loop::UpdateTls(const HttpServerTls& tls) {
  if (!options_.tls.has_value()) {
    return absl::FailedPreconditionError("the HTTP server has no certificate");
  }
  auto context = NewTlsContext();
  if (absl::Status status = UseCertificate(*context, tls); !status.ok()) return status;
  asio::post(io_, [this, context] { tls_ = context; });
  return absl::OkStatus();
}

void HttpServer::Loop::Stop() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] {
    beast::error_code ignored;
    acceptor_.close(ignored);
    accept_pause_.cancel();
    const auto connections = connections_;
    for (const auto& connection : connections) connection->Finish();
  });
  thread_.join();
}

void HttpServer::Loop::Accept() {
  acceptor_.async_accept([this](const beast::error_code& error, Tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) return AcceptLater();
    if (connections_.size() < options_.connections_max) {
      const auto connection = std::make_shared<Connection>(std::move(socket), *this);
      connections_.insert(connection);
      connection->Begin();
    } else {
      TellRefused(AddressOf(socket), "too_many_connections");
    }
    Accept();
  });
}

// After an error, mostly a shortage of descriptors, accepting at once would only spin.
void HttpServer::Loop::AcceptLater() {
  accept_pause_.expires_after(kAcceptPause);
  accept_pause_.async_wait([this](const beast::error_code& error) {
    if (!error && acceptor_.is_open()) Accept();
  });
}

void HttpServer::Loop::Connection::Begin() {
  if (!tls_.has_value()) return Read();
  stream_.expires_after(ToChrono(loop_.options_.request_timeout));
  tls_->async_handshake(
      asio::ssl::stream_base::server, [self = shared_from_this()](const beast::error_code& error) {
        if (!error && !self->finishing_) return self->Read();
        const bool slow = error == beast::error::timeout;
        if (error) {
          self->loop_.TellRefused(self->address_, slow ? "too_slow" : "handshake");
        }
        self->Close();
      });
}

void HttpServer::Loop::Connection::Read() {
  parser_.emplace();
  parser_->header_limit(loop_.options_.header_bytes_max);
  parser_->body_limit(loop_.options_.body_bytes_max);
  parser_->eager(true);
  stream_.expires_after(ToChrono(loop_.options_.request_timeout));
  OnBytes({});  // the request before may have come with this one
}

// Bytes are read here and given to the parser: the library's reading of whole messages is four
// times as much code to compile, for each kind of stream.
void HttpServer::Loop::Connection::ReadMore() {
  auto done = [self = shared_from_this()](const beast::error_code& error, size_t bytes) {
    self->buffer_.commit(bytes);
    self->OnBytes(error);
  };
  const auto room = buffer_.prepare(kReadBytes);
  if (tls_.has_value()) {
    tls_->async_read_some(room, std::move(done));
  } else {
    stream_.async_read_some(room, std::move(done));
  }
}

void HttpServer::Loop::Connection::OnBytes(const beast::error_code& error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) {
    return OnRead(parser_->got_some() ? beast::http::error::partial_message
                                      : beast::http::error::end_of_stream);
  }
  if (error) return OnRead(error);
  beast::error_code wrong;
  while (buffer_.size() > 0 && !parser_->is_done() && !wrong) {
    buffer_.consume(parser_->put(buffer_.data(), wrong));
  }
  if (wrong == beast::http::error::need_more) wrong = {};
  if (wrong || parser_->is_done()) return OnRead(wrong);
  ReadMore();
}

void HttpServer::Loop::Connection::OnRead(const beast::error_code& error) {
  if (finishing_) return Close();
  if (error) {
    // A connection that is kept open and not used any more is no slow request.
    const bool idle = error == beast::error::timeout && requests_ > 0 && buffer_.size() == 0 &&
                      !parser_->got_some();
    if (!idle) loop_.TellRefused(address_, CauseOf(error));
    auto answer = AnswerTo(error);
    if (!answer.has_value()) return Close();
    unread_ = true;
    return Write(*std::move(answer), 11, /*head=*/false, /*keep_alive=*/false);
  }
  ++requests_;
  auto message = parser_->release();
  awaiting_ = true;
  keep_alive_ = message.keep_alive() && requests_ < loop_.options_.requests_per_connection_max;
  head_ = message.method() == beast::http::verb::head;
  version_ = message.version();
  HttpRequest request = Translate(std::move(message));
  request.peer = Peer();
  loop_.site_.Serve(
      request, [back = loop_.return_, self = weak_from_this()](HttpResponse response) mutable {
        back->Post([self = std::move(self), response = std::move(response)]() mutable {
          if (const auto connection = self.lock()) connection->OnAnswer(std::move(response));
        });
      });
}

HttpPeer HttpServer::Loop::Connection::Peer() {
  return {.address = address_,
          .tls = tls_.has_value(),
          .certificate_der = tls_.has_value() ? PeerCertificate(tls_->native_handle()) : ""};
}

void HttpServer::Loop::Connection::OnAnswer(HttpResponse response) {
  if (finishing_ || !std::exchange(awaiting_, false)) return;
  Write(std::move(response), version_, head_, keep_alive_);
}

void HttpServer::Loop::Connection::Write(HttpResponse response, unsigned version, bool head,
                                         bool keep_alive) {
  Message message = Translate(std::move(response), version, head);
  message.keep_alive(keep_alive);
  answer_ = TextOf(message);
  writing_ = true;
  stream_.expires_after(ToChrono(loop_.options_.answer_timeout));
  auto done = [self = shared_from_this(), keep_alive](const beast::error_code& error, size_t) {
    self->OnWritten(error, keep_alive);
  };
  if (tls_.has_value()) {
    asio::async_write(*tls_, asio::buffer(answer_), std::move(done));
  } else {
    asio::async_write(stream_, asio::buffer(answer_), std::move(done));
  }
}

void HttpServer::Loop::Connection::OnWritten(const beast::error_code& error, bool keep_alive) {
  writing_ = false;
  if (error == beast::error::timeout) loop_.TellRefused(address_, "too_slow");
  if (error || finishing_) return Close();
  if (unread_) return Linger();
  if (!keep_alive) return Close();
  Read();
}

// Whoever is still sending when the connection closes never sees the answer: the kernel throws it
// away with what has not been read. So the rest is read and dropped, for a while.
void HttpServer::Loop::Connection::Linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kLinger);
  Discard(0);
}

void HttpServer::Loop::Connection::Discard(size_t discarded) {
  if (discarded > kLingerBytesMax) return Close();
  buffer_.clear();
  stream_.async_read_some(
      buffer_.prepare(kReadBytes),
      [self = shared_from_this(), discarded](const beast::error_code& error, size_t bytes) {
        if (error) return self->Close();
        self->Discard(discarded + bytes);
      });
}

void HttpServer::Loop::Connection::Finish() {
  finishing_ = true;
  if (!writing_) Close();
}

// Answers carry their length, so a TLS connection needs no farewell to show that one is whole.
void HttpServer::Loop::Connection::Close() {
  beast::error_code ignored;
  stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
  stream_.close();
  loop_.connections_.erase(shared_from_this());
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              WaitingHttpSite& site) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  auto loop = std::make_unique<Loop>(options, site);
  if (absl::Status status = loop->Listen(); !status.ok()) return status;
  loop->Run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(loop)));
}

HttpServer::HttpServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HttpServer::~HttpServer() { Stop(); }
uint16_t HttpServer::port() const { return loop_->port(); }
absl::Status HttpServer::UpdateTls(const HttpServerTls& tls) { return loop_->UpdateTls(tls); }
void HttpServer::Stop() { loop_->Stop(); }

}  // namespace ndx::http
