#include "internal/http2_connection.h"

#include <openssl/sslerr.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "internal/http2_callbacks.h"
#include "internal/socket_address.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr size_t kReadBytes = size_t{32} << 10;
constexpr size_t kBulkBytes = size_t{8}
                              << 10;  // a read of so much is likely to have more behind it
constexpr int kReadsPerEvent = 16;
constexpr int kWritesPerFlush = 8;
constexpr size_t kOutboundAcksMax = 200;
constexpr size_t kSettingsEntriesMax = 32;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

struct OptionFree {
  void operator()(nghttp2_option* option) const { nghttp2_option_del(option); }
};

std::unique_ptr<nghttp2_option, OptionFree> MakeOptions(const Http2Settings& settings) {
  nghttp2_option* option = nullptr;
  NDX_CHECK(nghttp2_option_new(&option) == 0);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, kOutboundAcksMax);
  nghttp2_option_set_max_settings(option, kSettingsEntriesMax);
  nghttp2_option_set_max_continuations(option, settings.continuations_max);
  // Twice ours: ours is the one that tells the observer.
  const RateLimit& resets = settings.frames.resets;
  nghttp2_option_set_stream_reset_rate_limit(option, uint64_t{2} * resets.burst + 1,
                                             uint64_t{2} * resets.per_second + 1);
  return std::unique_ptr<nghttp2_option, OptionFree>(option);
}

HandshakeRefusal RefusalOf(const ByteStream& stream) {
  if (stream.verification().error != 0) return HandshakeRefusal::kUntrustedCertificate;
  switch (stream.error_reason()) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return HandshakeRefusal::kNoCertificate;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return HandshakeRefusal::kUntrustedCertificate;
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
      return HandshakeRefusal::kNotTls;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return HandshakeRefusal::kTlsVersion;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return HandshakeRefusal::kNoHttp2;
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return HandshakeRefusal::kTooLarge;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
    case 0:  // an error of the socket, not of TLS
      return HandshakeRefusal::kClosed;
    default:
      return HandshakeRefusal::kOther;
  }
}

// Infinite durations stay infinite.
int64_t Later(int64_t since, absl::Duration after) {
  const int64_t nanos = absl::ToInt64Nanoseconds(after);
  return nanos > kNever - since ? kNever : since + nanos;
}

}  // namespace

Http2Connection::Http2Connection(EventLoop& loop, std::unique_ptr<ByteStream> stream,
                                 const Http2Settings& settings)
    : loop_(loop),
      stream_(std::move(stream)),
      settings_(settings),
      receive_budget_(settings.buffer_bytes_max),
      begun_nanos_(loop.NowNanos()),
      last_read_nanos_(begun_nanos_),
      frames_(settings.frames) {}

Http2Connection::~Http2Connection() { NDX_CHECK(session_ == nullptr); }

nghttp2_data_provider Http2Connection::DataProvider() {
  nghttp2_data_provider provider{};
  provider.read_callback = Http2Callbacks::ReadData;
  return provider;
}

void Http2Connection::Begin(bool connecting) {
  state_ = connecting ? State::kConnecting : State::kHandshaking;
  interest_ = connecting ? EPOLLOUT : EPOLLIN | EPOLLOUT;
  if (!loop_.Watch(stream_->fd(), interest_, this)) {
    RefuseHandshake(HandshakeRefusal::kOther, "the kernel cannot watch the socket");
    return;
  }
  ArmTimer();
}

void Http2Connection::OnFdReady(uint32_t events) {
  if (ending_) return;
  if (state_ == State::kConnecting && !Connect()) return;
  if (state_ == State::kHandshaking && !Handshake()) return;
  if ((events & EPOLLOUT) != 0) Flush();
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && !ending_) ReadSome();
}

bool Http2Connection::Connect() {
  const int error = ConnectError(stream_->fd());
  if (error != 0) {
    RefuseHandshake(HandshakeRefusal::kClosed, std::strerror(error));
    return false;
  }
  state_ = State::kHandshaking;
  return true;
}

bool Http2Connection::Handshake() {
  switch (stream_->Handshake()) {
    case ByteStream::Result::kDone:
      if (stream_->ssl() != nullptr && !NegotiatedHttp2(stream_->ssl())) {
        RefuseHandshake(HandshakeRefusal::kNoHttp2, "h2 was not negotiated");
        return false;
      }
      if (!OnTlsDone(*stream_)) return false;
      OpenSession();
      return true;
    case ByteStream::Result::kWantRead:
      UpdateInterest(false);
      return false;
    case ByteStream::Result::kWantWrite:
      UpdateInterest(true);
      return false;
    case ByteStream::Result::kEnd:
      RefuseHandshake(HandshakeRefusal::kClosed, "closed by the peer");
      return false;
    case ByteStream::Result::kFailed:
      break;
  }
  const int error = stream_->verification().error;
  RefuseHandshake(RefusalOf(*stream_),
                  error != 0 ? X509_verify_cert_error_string(error) : stream_->error_text());
  return false;
}

void Http2Connection::RefuseHandshake(HandshakeRefusal refusal, absl::string_view cause) {
  if (ending_) return;
  OnHandshakeRefused(refusal, cause);
  End(ConnectionEnd::kHandshake, absl::StrCat(HandshakeRefusalName(refusal), ": ", cause));
}

void Http2Connection::OpenSession() {
  state_ = State::kOpen;
  opened_nanos_ = last_read_nanos_ = loop_.NowNanos();
  const auto options = MakeOptions(settings_);
  const auto* callbacks = Http2Callbacks::Table();
  const int made = settings_.server
                       ? nghttp2_session_server_new2(&session_, callbacks, this, options.get())
                       : nghttp2_session_client_new2(&session_, callbacks, this, options.get());
  NDX_CHECK(made == 0);
  const nghttp2_settings_entry entries[] = {
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings_.stream_window_bytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings_.header_list_bytes_max},
      settings_.server ? nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS,
                                                settings_.concurrent_streams_max}
                       : nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
  };
  NDX_CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, entries, std::size(entries)) == 0);
  NDX_CHECK(nghttp2_session_set_local_window_size(
                session_, NGHTTP2_FLAG_NONE, 0,
                static_cast<int32_t>(settings_.connection_window_bytes)) == 0);
  OnOpened();
  ScheduleFlush();
  UpdateInterest(false);
  ArmTimer();
}

void Http2Connection::ReadSome() {
  size_t read = 0;
  const bool emptied = ReadUpToBudget(&read);
  if (ending_) return;
  // Whether a short read has emptied the socket costs a system call to know. It has, mostly; where
  // there was little, nothing has waited for long.
  if (emptied || (read < kBulkBytes && !stream_->HasBuffered())) {
    lag_.Emptied();
  } else if (lag_.WantsLeft()) {
    lag_.Left(stream_->UnreadBytes(), loop_.clock().MonotonicNanos());
  }
}

bool Http2Connection::ReadUpToBudget(size_t* read) {
  std::array<char, kReadBytes> buffer;
  for (int i = 0; i < kReadsPerEvent; ++i) {
    const ByteStream::Transfer got = stream_->Read(buffer.data(), buffer.size());
    if (!CountKeyUpdates()) return false;
    switch (got.result) {
      case ByteStream::Result::kDone:
        *read += got.bytes;
        lag_.Read(got.bytes, loop_.NowNanos());
        if (!Receive({buffer.data(), got.bytes})) return false;
        if (got.bytes < kBulkBytes && !stream_->HasBuffered()) return false;
        break;
      case ByteStream::Result::kWantRead:
      case ByteStream::Result::kWantWrite:
        return true;
      case ByteStream::Result::kEnd:
        End(ConnectionEnd::kPeerClosed, "closed by the peer");
        return false;
      case ByteStream::Result::kFailed:
        End(ConnectionEnd::kLost, stream_->error_text());
        return false;
    }
  }
  // Others get their turn. What TLS has buffered, epoll does not know of.
  if (stream_->HasBuffered()) {
    loop_.Cancel(read_again_);
    read_again_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
      if (!ending_) ReadSome();
    });
  }
  return false;
}

void Http2Connection::OnGreeting() {
  if (greeted()) OnGreeted();
}

bool Http2Connection::Receive(absl::string_view bytes) {
  last_read_nanos_ = loop_.NowNanos();
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (ending_) return false;
  if (taken >= 0) {
    if (nghttp2_session_get_outbound_queue_size(session_) > settings_.queued_frames_max) {
      CutOff(ConnectionAttack::kOutputFlood);
      return false;
    }
    if (block_began_nanos_ != 0) ArmTimer();
    ScheduleFlush();
    return true;
  }
  switch (static_cast<int>(taken)) {
    case NGHTTP2_ERR_FLOODED:
      CutOff(ConnectionAttack::kPingFlood);
      break;
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
      CutOff(ConnectionAttack::kContinuationFlood);
      break;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      OnHandshakeRefused(HandshakeRefusal::kNoHttp2, "not HTTP/2");
      End(ConnectionEnd::kNotHttp2, "the peer does not speak HTTP/2");
      break;
    default:
      OnAttack(ConnectionAttack::kProtocolError);
      End(ConnectionEnd::kNotHttp2, nghttp2_strerror(static_cast<int>(taken)));
      break;
  }
  return false;
}

bool Http2Connection::CountFrame(const nghttp2_frame_hd& head) {
  if (head.type != NGHTTP2_CONTINUATION) block_began_nanos_ = 0;
  return Bears(frames_.Received(head, loop_.NowNanos()));
}

bool Http2Connection::CountKeyUpdates() {
  for (uint32_t i = stream_->TakeKeyUpdates(); i > 0 && !ending_; --i) {
    Bears(frames_.KeyUpdate(loop_.NowNanos()));
  }
  return !ending_;
}

void Http2Connection::CountEmptyAnswer() { Bears(frames_.Empty(loop_.NowNanos())); }

bool Http2Connection::Bears(FrameBudget::Verdict verdict) {
  if (verdict) CutOff(*verdict);
  return !ending_;
}

void Http2Connection::CutOff(ConnectionAttack attack) {
  if (ending_) return;
  OnAttack(attack);
  End(ConnectionEnd::kCut, absl::StrCat("cut off: ", ConnectionAttackName(attack)));
}

void Http2Connection::ScheduleFlush() {
  if (flush_scheduled_ || ending_ || state_ != State::kOpen) return;
  flush_scheduled_ = true;
  loop_.Defer([this] {
    flush_scheduled_ = false;
    if (!ending_ && blocked_since_nanos_ == 0) Flush();
  });
}

void Http2Connection::Flush() {
  // Whatever is submitted meanwhile is picked up before this returns, or when the socket is
  // writable.
  flush_scheduled_ = true;
  FlushRounds();
  flush_scheduled_ = false;
}

void Http2Connection::FlushRounds() {
  for (int i = 0; i < kWritesPerFlush; ++i) {
    if (!FillOutput()) return;
    if (output_.empty()) {
      blocked_since_nanos_ = 0;
      UpdateInterest(false);
      OnWritten();
      const bool over = nghttp2_session_want_read(session_) == 0;
      if (over && goaway_with_error_) End(ConnectionEnd::kNotHttp2, "broken HTTP/2");
      if (over && !ending_) End(ConnectionEnd::kGraceful, "closed after GOAWAY");
      return;
    }
    if (!WriteOutput()) return;
  }
  // Others get their turn. The kernel may want no more just now without having refused any.
  UpdateInterest(true);
  if (blocked_since_nanos_ == 0) blocked_since_nanos_ = loop_.NowNanos();
  ArmTimer();
}

bool Http2Connection::FillOutput() {
  output_full_ = false;
  while (output_.size() < kOutputBytes && !output_full_) {
    const uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    if (size < 0) {
      End(ConnectionEnd::kLost, nghttp2_strerror(static_cast<int>(size)));
      return false;
    }
    if (ending_) return false;
    if (size == 0) break;
    output_.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  }
  return true;
}

bool Http2Connection::WriteOutput() {
  while (output_sent_ < output_.size()) {
    const ByteStream::Transfer done =
        stream_->Write(output_.data() + output_sent_, output_.size() - output_sent_);
    switch (done.result) {
      case ByteStream::Result::kDone:
        CountWritten(done.bytes);
        break;
      case ByteStream::Result::kWantRead:
      case ByteStream::Result::kWantWrite:
        if (blocked_since_nanos_ == 0) blocked_since_nanos_ = loop_.NowNanos();
        UpdateInterest(true);
        ArmTimer();
        OnWritten();
        return false;
      case ByteStream::Result::kEnd:
      case ByteStream::Result::kFailed:
        End(ConnectionEnd::kLost, stream_->error_text());
        return false;
    }
  }
  output_.clear();
  output_sent_ = 0;
  OnWritten();
  return !ending_;
}

// Bytes now and then are no progress: the socket stays blocked until it has taken enough at once.
void Http2Connection::CountWritten(size_t bytes) {
  output_sent_ += bytes;
  written_total_ += bytes;
  progress_bytes_ += bytes;
  const bool enough = progress_bytes_ >= settings_.send_progress_bytes_min;
  if (!enough && output_sent_ < output_.size()) return;
  blocked_since_nanos_ = 0;
  progress_bytes_ = 0;
}

void Http2Connection::UpdateInterest(bool want_write) {
  const uint32_t wanted = want_write ? EPOLLIN | EPOLLOUT : EPOLLIN;
  if (wanted == interest_ || ending_) return;
  interest_ = wanted;
  loop_.Rewatch(stream_->fd(), wanted, this);
}

void Http2Connection::ResetStream(int32_t id, Http2Error error) {
  if (!open()) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, static_cast<uint32_t>(error));
  ScheduleFlush();
}

void Http2Connection::ResumeStream(int32_t id) {
  if (!open()) return;
  nghttp2_session_resume_data(session_, id);
  ScheduleFlush();
}

void Http2Connection::CreditConnection(size_t bytes) {
  if (!ending_) nghttp2_session_consume_connection(session_, bytes);
}

void Http2Connection::CreditStream(int32_t id, size_t bytes) {
  if (bytes == 0 || !open()) return;
  nghttp2_session_consume_stream(session_, id, bytes);
  ScheduleFlush();
}

int64_t Http2Connection::DueNanos() const {
  int64_t due = kNever;
  const auto at_most = [&due](int64_t since, absl::Duration after) {
    due = std::min(due, Later(since, after));
  };
  if (!greeted()) at_most(begun_nanos_, settings_.handshake);
  if (state_ == State::kOpen) {
    if (ping_sent_nanos_ != 0) {
      at_most(ping_sent_nanos_, settings_.keepalive_answer);
    } else if (settings_.server || HasStreams()) {
      at_most(last_read_nanos_, settings_.keepalive);
    }
    if (blocked_since_nanos_ != 0) at_most(blocked_since_nanos_, settings_.send_stall);
    if (block_began_nanos_ != 0) at_most(block_began_nanos_, settings_.header_block);
  }
  const int64_t own = NextDueNanos();
  return own != 0 ? std::min(due, own) : due;
}

void Http2Connection::ArmTimer() {
  if (ending_) return;
  const int64_t due = DueNanos();
  // A timer that fires too early finds nothing due and is set anew: activity need not touch it.
  if (due == kNever || (timer_.number != 0 && timer_.at_nanos <= due)) return;
  loop_.Cancel(timer_);
  timer_ = loop_.RunAt(due, [this] { OnTimer(); });
}

void Http2Connection::OnTimer() {
  timer_ = {};
  if (ending_) return;
  const int64_t now = loop_.NowNanos();
  const auto passed = [now](int64_t since, absl::Duration after) {
    return now >= Later(since, after);
  };
  if (!greeted() && passed(begun_nanos_, settings_.handshake)) {
    RefuseHandshake(HandshakeRefusal::kTimeout, "the handshake took too long");
    return;
  }
  if (state_ == State::kOpen) {
    if (blocked_since_nanos_ != 0 && passed(blocked_since_nanos_, settings_.send_stall)) {
      CutOff(ConnectionAttack::kSlowReader);
      return;
    }
    if (block_began_nanos_ != 0 && passed(block_began_nanos_, settings_.header_block)) {
      CutOff(ConnectionAttack::kSlowHeaders);
      return;
    }
    if (ping_sent_nanos_ != 0 && passed(ping_sent_nanos_, settings_.keepalive_answer)) {
      End(ConnectionEnd::kCut, "the peer does not answer PING");
      return;
    }
    if (ping_sent_nanos_ == 0 && (settings_.server || HasStreams()) &&
        passed(last_read_nanos_, settings_.keepalive)) {
      nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
      ping_sent_nanos_ = now;
      ScheduleFlush();
    }
  }
  if (output_.empty()) std::string().swap(output_);  // many connections, few of them busy
  OnDue();
  ArmTimer();
}

void Http2Connection::End(ConnectionEnd end, absl::string_view text) {
  if (ending_) return;
  ending_ = true;
  end_ = end;
  end_text_ = std::string(text);
  // Not here: the caller may be a callback of nghttp2, or a stream.
  loop_.Defer([this] { Teardown(); });
}

void Http2Connection::Teardown() {
  loop_.Cancel(timer_);
  loop_.Cancel(read_again_);
  loop_.Unwatch(stream_->fd(), this);
  if (end_ == ConnectionEnd::kGraceful || end_ == ConnectionEnd::kStopping) stream_->SayGoodbye();
  stream_.reset();
  nghttp2_session_del(session_);
  session_ = nullptr;
  OnEnded(end_, end_text_);
}

}  // namespace ndx::transport
