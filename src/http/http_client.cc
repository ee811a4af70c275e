#include "ndx/http/http_client.h"

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/mutex.h"
#include "ndx/core/status_macros.h"
#include "ndx/http/url.h"

namespace ndx::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;
using Request = beast::http::request<beast::http::string_body>;
using Parser = beast::http::response_parser<beast::http::string_body>;

Request Translate(const HttpPost& post, const Url& url) {
  Request message(beast::http::verb::post, url.path, 11);
  message.set(beast::http::field::host, url.authority());
  message.set(beast::http::field::user_agent, "ndxd");
  message.set(beast::http::field::content_type, post.content_type);
  if (!post.accept.empty()) message.set(beast::http::field::accept, post.accept);
  message.set(beast::http::field::connection, "close");
  message.body() = post.body;
  message.prepare_payload();
  return message;
}

HttpResponse Translate(beast::http::response<beast::http::string_body>&& message) {
  HttpResponse response{.status = static_cast<int>(message.result_int()), .content_type = ""};
  for (const auto& field : message) {
    response.headers.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                  std::string(field.value()));
    if (field.name() == beast::http::field::content_type) {
      response.content_type = std::string(field.value());
    }
  }
  response.body = std::move(message.body());
  return response;
}

absl::Status StatusOf(const beast::error_code& error, absl::string_view doing) {
  if (!error) return absl::OkStatus();
  const std::string text = absl::StrCat(doing, ": ", error.message());
  using Error = beast::http::error;
  if (error == beast::error::timeout) return absl::DeadlineExceededError(text);
  if (error == Error::body_limit || error == Error::header_limit) {
    return absl::ResourceExhaustedError(text);
  }
  return absl::UnavailableError(text);
}

absl::Status Configure(asio::ssl::context& context, const std::string& ca_file) {
  beast::error_code error;
  context.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_sslv2 |
                          asio::ssl::context::no_sslv3,
                      error);
  if (!error && ca_file.empty()) context.set_default_verify_paths(error);
  if (!error && !ca_file.empty()) context.load_verify_file(ca_file, error);
  if (!error) context.set_verify_mode(asio::ssl::verify_peer, error);
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(ca_file, ": reading the authorities for https: ", error.message()));
}

}  // namespace

// Which call is under way, for Stop().
class HttpClient::Running {
 public:
  // False if the client has been stopped.
  bool Begin(asio::io_context& io) {
    const core::MutexLock lock(mutex_);
    io_ = stopped_ ? nullptr : &io;
    return !stopped_;
  }
  void End() {
    const core::MutexLock lock(mutex_);
    io_ = nullptr;
  }
  void Stop() {
    const core::MutexLock lock(mutex_);
    stopped_ = true;
    if (io_ != nullptr) io_->stop();
  }
  bool stopped() {
    const core::MutexLock lock(mutex_);
    return stopped_;
  }

 private:
  core::Mutex mutex_;
  asio::io_context* io_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

namespace {

// One request and its answer, step by step on the calling thread: each step starts one operation
// and runs the event loop until it has ended.
class Exchange {
 public:
  Exchange(const HttpClientOptions& options, const Url& url, absl::FunctionRef<bool()> stopped)
      : options_(options), url_(url), stopped_(stopped) {}

  asio::io_context& io() { return io_; }

  absl::StatusOr<HttpResponse> Run(const HttpPost& post) {
    NDX_RETURN_IF_ERROR(LookUp());
    Request request = Translate(post, url_);
    if (!url_.tls) {
      beast::tcp_stream stream(io_);
      NDX_RETURN_IF_ERROR(Connect(stream));
      return Ask(stream, request);
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    NDX_RETURN_IF_ERROR(Configure(context, options_.ca_file));
    TlsStream stream(io_, context);
    stream.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    (void)SSL_set_tlsext_host_name(stream.native_handle(), url_.host.c_str());
    NDX_RETURN_IF_ERROR(Connect(beast::get_lowest_layer(stream)));
    NDX_RETURN_IF_ERROR(Await("TLS handshake", [&](auto done) {
      stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
    }));
    return Ask(stream, request);
  }

 private:
  template <typename Start>
  absl::Status Await(absl::string_view doing, Start start) {
    std::optional<beast::error_code> ended;
    start([&ended](const beast::error_code& error, auto&&...) { ended = error; });
    io_.restart();
    if (stopped_()) return absl::CancelledError("stopped");
    // The stream's own deadline ends what takes too long; the bound here is for the look-up.
    while (!ended.has_value() && io_.run_one_for(absl::ToChronoNanoseconds(options_.timeout)) > 0) {
    }
    if (ended.has_value()) return StatusOf(*ended, doing);
    return stopped_() ? absl::CancelledError("stopped")
                      : absl::DeadlineExceededError(absl::StrCat(doing, ": took too long"));
  }

  absl::Status LookUp() {
    return Await(absl::StrCat("looking up ", url_.host), [&](auto done) {
      resolver_.async_resolve(url_.host, url_.port,
                              [this, done](const beast::error_code& error,
                                           const Tcp::resolver::results_type& found) mutable {
                                addresses_ = found;
                                done(error);
                              });
    });
  }

  absl::Status Connect(beast::tcp_stream& stream) {
    stream.expires_after(absl::ToChronoNanoseconds(options_.timeout));
    return Await(absl::StrCat("connecting to ", url_.authority()),
                 [&](auto done) { stream.async_connect(addresses_, std::move(done)); });
  }

  template <typename Stream>
  absl::StatusOr<HttpResponse> Ask(Stream& stream, Request& request) {
    NDX_RETURN_IF_ERROR(Await(
        "sending", [&](auto done) { beast::http::async_write(stream, request, std::move(done)); }));
    parser_.header_limit(options_.header_bytes_max);
    parser_.body_limit(options_.body_bytes_max);
    NDX_RETURN_IF_ERROR(Await("waiting for the answer", [&](auto done) {
      beast::http::async_read(stream, buffer_, parser_, std::move(done));
    }));
    return Translate(parser_.release());
  }

  const HttpClientOptions& options_;
  const Url& url_;
  const absl::FunctionRef<bool()> stopped_;
  asio::io_context io_{1};
  Tcp::resolver resolver_{io_};
  Tcp::resolver::results_type addresses_;
  beast::flat_buffer buffer_;
  Parser parser_;
};

}  // namespace

HttpClient::HttpClient(HttpClientOptions options)
    : options_(std::move(options)), running_(std::make_unique<Running>()) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Post(const HttpPost& request) {
  NDX_ASSIGN_OR_RETURN(const Url url, ParseUrl(request.url));
  const auto stopped = [this] { return running_->stopped(); };
  Exchange exchange(options_, url, stopped);
  if (!running_->Begin(exchange.io())) return absl::CancelledError("stopped");
  auto response = exchange.Run(request);
  running_->End();
  return response;
}

void HttpClient::Stop() { running_->Stop(); }

}  // namespace ndx::http
