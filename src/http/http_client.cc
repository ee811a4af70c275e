#include "ndx/http/http_client.h"

#include <curl/curl.h>

#include <atomic>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"
#include "ndx/http/url.h"

namespace ndx::http {
namespace {

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using Multi = std::unique_ptr<CURLM, FreeMulti>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

Multi NewMulti() {
  // Once in a process, before the first handle: what is static is set up by one thread only.
  [[maybe_unused]] static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  Multi multi(curl_multi_init());
  NDX_CHECK(multi != nullptr);
  return multi;
}

// What has arrived of an answer, and how much of it there may be.
struct Arriving {
  const HttpClientOptions& options;
  size_t header_bytes = 0;
  std::string body;
  bool too_large = false;
};

// libcurl takes another number than the given one for "end it".
size_t TakeHeader(const char*, size_t, size_t bytes, void* to) {
  auto& arriving = *static_cast<Arriving*>(to);
  arriving.header_bytes += bytes;
  arriving.too_large = arriving.header_bytes > arriving.options.header_bytes_max;
  return arriving.too_large ? 0 : bytes;
}

size_t TakeBody(const char* data, size_t, size_t bytes, void* to) {
  auto& arriving = *static_cast<Arriving*>(to);
  arriving.too_large = bytes > arriving.options.body_bytes_max - arriving.body.size();
  if (arriving.too_large) return 0;
  arriving.body.append(data, bytes);
  return bytes;
}

HeaderList HeadersOf(const std::string& accept, const HttpPost* post) {
  curl_slist* list = nullptr;
  // A name with nothing behind its colon is one that libcurl leaves out.
  for (const std::string& line : {absl::StrCat("Content-Type:", post == nullptr ? "" : " ",
                                               post == nullptr ? "" : post->content_type),
                                  absl::StrCat("Accept: ", accept), std::string("Expect:"),
                                  std::string("Connection: close")}) {
    list = curl_slist_append(list, line.c_str());
    NDX_CHECK(list != nullptr);
  }
  return HeaderList(list);
}

absl::Status StatusOf(CURLcode code, const char* detail, const Arriving& arriving) {
  if (code == CURLE_OK) return absl::OkStatus();
  const std::string text =
      absl::StrCat(curl_easy_strerror(code), *detail == '\0' ? "" : ": ", detail);
  if (arriving.too_large) return absl::ResourceExhaustedError("the answer is over its limit");
  if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(text);
  if (code == CURLE_SSL_CACERT_BADFILE) return absl::InvalidArgumentError(text);
  return absl::UnavailableError(text);
}

HttpResponse ResponseOf(CURL* easy, Arriving&& arriving) {
  HttpResponse response{.content_type = "", .body = std::move(arriving.body)};
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  curl_header* header = nullptr;
  while ((header = curl_easy_nextheader(easy, CURLH_HEADER, -1, header)) != nullptr) {
    std::string name = absl::AsciiStrToLower(header->name);
    if (name == "content-type") response.content_type = header->value;
    response.headers.emplace_back(std::move(name), header->value);
  }
  return response;
}

}  // namespace

// The transfer under way, and what ends it from another thread.
class HttpClient::Transfer {
 public:
  // Until `easy` has ended.
  absl::StatusOr<CURLcode> Perform(CURL* easy) {
    NDX_CHECK(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
    auto ended = Drive();
    curl_multi_remove_handle(multi_.get(), easy);
    return ended;
  }

  void Stop() {
    stopped_.store(true);
    curl_multi_wakeup(multi_.get());
  }

 private:
  static constexpr int kPollMillis = 1000;  // libcurl's own timers shorten it

  absl::StatusOr<CURLcode> Drive() {
    while (!stopped_.load()) {
      int running = 0;
      CURLMcode code = curl_multi_perform(multi_.get(), &running);
      int left = 0;
      const CURLMsg* const message = curl_multi_info_read(multi_.get(), &left);
      if (message != nullptr && message->msg == CURLMSG_DONE) return message->data.result;
      if (code == CURLM_OK) {
        code = curl_multi_poll(multi_.get(), nullptr, 0, kPollMillis, nullptr);
      }
      if (code != CURLM_OK) return absl::UnavailableError(curl_multi_strerror(code));
    }
    return absl::CancelledError("stopped");
  }

  const Multi multi_ = NewMulti();
  std::atomic<bool> stopped_{false};
};

HttpClient::HttpClient(HttpClientOptions options)
    : options_(std::move(options)), transfer_(std::make_unique<Transfer>()) {}
HttpClient::~HttpClient() = default;

absl::StatusOr<HttpResponse> HttpClient::Post(const HttpPost& request) {
  return Ask(request.url, request.accept, &request);
}

absl::StatusOr<HttpResponse> HttpClient::Get(const std::string& url, const std::string& accept) {
  return Ask(url, accept, nullptr);
}

absl::StatusOr<HttpResponse> HttpClient::Ask(const std::string& address, const std::string& accept,
                                             const HttpPost* post) {
  NDX_ASSIGN_OR_RETURN(const Url url, ParseUrl(address));
  const Easy easy(curl_easy_init());
  NDX_CHECK(easy != nullptr);
  CURL* const handle = easy.get();
  char detail[CURL_ERROR_SIZE] = "";
  Arriving arriving{.options = options_};
  const HeaderList headers = HeadersOf(accept, post);
  const auto set = [handle](CURLoption option, auto value) {
    NDX_CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
  };
  set(CURLOPT_URL, address.c_str());
  set(CURLOPT_PROTOCOLS_STR, url.tls ? "https" : "http");
  set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  if (!options_.ca_file.empty()) {
    set(CURLOPT_CAINFO, options_.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(CURLOPT_USERAGENT, "ndxd");
  set(CURLOPT_HTTPHEADER, headers.get());
  if (post != nullptr) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(post->body.size()));
    set(CURLOPT_POSTFIELDS, post->body.data());
  }
  set(CURLOPT_HEADERFUNCTION, &TakeHeader);
  set(CURLOPT_HEADERDATA, &arriving);
  set(CURLOPT_WRITEFUNCTION, &TakeBody);
  set(CURLOPT_WRITEDATA, &arriving);
  set(CURLOPT_ERRORBUFFER, detail);
  NDX_ASSIGN_OR_RETURN(const CURLcode ended, transfer_->Perform(handle));
  NDX_RETURN_IF_ERROR(StatusOf(ended, detail, arriving));
  return ResponseOf(handle, std::move(arriving));
}

void HttpClient::Stop() { transfer_->Stop(); }

}  // namespace ndx::http
