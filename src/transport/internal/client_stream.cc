#include "internal/client_stream.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "internal/client_connection.h"
#include "internal/header_list.h"
#include "internal/http2_channel.h"
#include "ndx/core/status_macros.h"
#include "ndx/transport/grpc_timeout.h"
#include "ndx/transport/status_mapping.h"

namespace ndx::transport {

ClientStream::ClientStream(Http2Channel& channel, CallHead head, ClientCallObserver* observer)
    : channel_(channel), loop_(channel.loop()), head_(std::move(head)), observer_(observer) {
  if (!head_.deadline_nanos) return;
  deadline_timer_ = loop_.RunAt(*head_.deadline_nanos, [this] {
    Fail(EndCause::kDeadline, absl::StatusCode::kDeadlineExceeded, "the deadline passed");
  });
}

int64_t ClientStream::deadline_or_never() const {
  return head_.deadline_nanos.value_or(std::numeric_limits<int64_t>::max());
}

bool ClientStream::Begin(ClientConnection& connection) {
  const ChannelOptions& options = channel_.options();
  HeaderList list;
  list.Add(":method", "POST");
  list.Add(":scheme", options.tls ? "https" : "http");
  list.Add(":path", head_.path);
  list.Add(":authority", head_.authority.empty() ? channel_.authority() : head_.authority);
  list.Add("te", "trailers");
  list.Add("content-type", "application/grpc");
  list.Add("user-agent", options.user_agent);
  // Commitments and field masks work on plain bytes: providers must not compress.
  list.Add("grpc-accept-encoding", "identity");
  if (const auto stated =
          head_.stated_deadline_nanos ? head_.stated_deadline_nanos : head_.deadline_nanos) {
    list.AddOwned("grpc-timeout", FormatGrpcTimeout(*stated - loop_.NowNanos()));
  }
  list.AddMetadata(head_.metadata);
  const nghttp2_data_provider provider = Http2Connection::DataProvider();
  const int32_t id = nghttp2_submit_request(connection.session(), nullptr, list.data(), list.size(),
                                            &provider, static_cast<Http2Stream*>(this));
  if (id < 0) {
    connection.Retire();  // its stream ids are used up
    return false;
  }
  id_ = id;
  connection_ = &connection;
  peer_ = connection.peer();
  receive_.emplace(MessageDeframer::Limits{.message_bytes_max = head_.message_bytes_max.value_or(
                                               options.limits.message_bytes_max)},
                   &connection.receive_budget(), nullptr);
  connection.Join(id_, this);
  connection.ScheduleFlush();
  return true;
}

void ClientStream::SendMessage(Message message) {
  if (ended_ || half_closed_) return;
  queue_.Push(std::move(message));
  was_above_ = was_above_ || queue_.bytes() > ClientCall::kSendLowWaterBytes;
  Resume();
}

void ClientStream::HalfClose() {
  if (ended_ || half_closed_) return;
  half_closed_ = true;
  Resume();
}

void ClientStream::Resume() {
  if (connection_ == nullptr || !deferred_) return;
  deferred_ = false;
  connection_->ResumeStream(id_);
}

void ClientStream::ReleaseReceived(size_t bytes) {
  if (connection_ == nullptr) return;
  receive_->Release(bytes);
  connection_->CreditStream(id_, receive_->TakeCredit());
}

void ClientStream::Abandon() {
  observer_ = nullptr;
  handle_ = nullptr;
  Fail(EndCause::kCancelled, absl::StatusCode::kCancelled, "abandoned");
}

ssize_t ClientStream::NextSendBytes(size_t max, uint32_t* flags) {
  const size_t bytes = std::min(max, queue_.bytes());
  if (half_closed_ && bytes == queue_.bytes()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    half_closed_sent_ = true;
  } else if (bytes == 0) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(bytes);
}

void ClientStream::CopySend(size_t bytes, std::string* out) {
  queue_.CopyTo(bytes, out);
  if (!was_above_ || queue_.bytes() > ClientCall::kSendLowWaterBytes) return;
  was_above_ = false;
  if (half_closed_) return;
  // A timer, because it can be cancelled when the call goes first.
  loop_.Cancel(sendable_timer_);
  sendable_timer_ = loop_.RunAfter(absl::ZeroDuration(), [this] {
    if (observer_ != nullptr) observer_->OnSendable();
  });
}

void ClientStream::OnHeadersSent(bool /*end_stream*/) {
  headers_sent_ = true;
  headers_offset_ = connection_->queued_total();
}

void ClientStream::OnHeadersNotSent() {
  OnConnectionEnded(EndCause::kGoAway, false, "the connection takes no more calls");
}

bool ClientStream::OnHeader(absl::string_view name, absl::string_view value) {
  const ChannelLimits& limits = channel_.options().limits;
  return headers_.Add(name, value, limits.header_list_bytes_max, limits.header_count_max);
}

void ClientStream::OnHeadersEnd(bool end_stream) {
  AnswerHeaders headers = std::exchange(headers_, AnswerHeaders());
  if (!headers.problem.ok()) {
    Broken(headers.problem);
  } else if (initial_headers_seen_) {
    OnTrailers(std::move(headers));
  } else if (headers.http_status >= 200 || end_stream) {
    OnInitialHeaders(std::move(headers), end_stream);
  } else if (connection_ != nullptr) {
    connection_->CountEmptyAnswer();  // 1xx: what counts comes later
  }
}

void ClientStream::OnInitialHeaders(AnswerHeaders headers, bool end_stream) {
  initial_headers_seen_ = true;
  http_status_ = headers.http_status;
  if (end_stream) {
    OnTrailers(std::move(headers));
  } else if (headers.http_status != 200 || !headers.is_grpc) {
    Fail(EndCause::kNoGrpcStatus, StatusCodeOfHttp(headers.http_status),
         absl::StrCat("not a gRPC answer: HTTP status ", headers.http_status));
  } else if (observer_ != nullptr) {
    observer_->OnInitialMetadata(std::move(headers.metadata));
  }
}

void ClientStream::OnTrailers(AnswerHeaders headers) {
  if (!headers.status) {
    Fail(EndCause::kNoGrpcStatus, StatusCodeOfHttp(http_status_),
         absl::StrCat("an answer without grpc-status: HTTP status ", http_status_));
    return;
  }
  if (headers.status->ok()) {
    if (absl::Status status = receive_->End(); !status.ok()) {
      Broken(status);
      return;
    }
    if (head_.expect_one_message && first_message_ == nullptr) {
      Broken(absl::UnimplementedError("the answer has no message"));
      return;
    }
    if (first_message_ != nullptr && observer_ != nullptr) {
      observer_->OnMessage(std::move(first_message_));
    }
  }
  CallEnd end;
  end.status = *std::move(headers.status);
  end.trailers = std::move(headers.metadata);
  end.delivery = Delivery::kAnswered;
  end.cause = EndCause::kAnswered;
  end.text = "answered";
  End(std::move(end));
}

void ClientStream::OnData(absl::string_view bytes) {
  absl::Status status =
      receive_->Feed(bytes, [this](Message message) { return Deliver(std::move(message)); });
  if (!status.ok() && !ended_) {
    Broken(status);
  } else if (connection_ != nullptr) {
    connection_->CreditStream(id_, receive_->TakeCredit());
  }
}

bool ClientStream::Deliver(Message message) {
  ++messages_;
  if (!head_.expect_one_message) {
    if (observer_ != nullptr) observer_->OnMessage(std::move(message));
  } else if (messages_ == 1) {
    first_message_ = std::move(message);
  } else {
    Broken(absl::UnimplementedError("the answer has more than one message"));
  }
  return !ended_;
}

void ClientStream::OnDataEnd() {
  if (ended_) return;
  Fail(EndCause::kNoGrpcStatus, StatusCodeOfHttp(http_status_),
       "the answer ended without grpc-status");
}

void ClientStream::OnStreamClosed(uint32_t http2_error) {
  // nghttp2 closes what lies above GOAWAY's last id with REFUSED_STREAM too.
  const bool refused = http2_error == NGHTTP2_REFUSED_STREAM && !initial_headers_seen_;
  const bool goaway = refused && connection_->AboveGoAway(id_);
  stream_over_ = true;
  CallEnd end;
  end.cause = goaway ? EndCause::kGoAway : refused ? EndCause::kRefusedStream : EndCause::kReset;
  end.delivery = refused ? Delivery::kNotSent : Delivery::kSentAnswerUnknown;
  end.text = absl::StrCat("the peer reset the stream: ", Http2ErrorName(http2_error));
  end.status = MakeGrpcStatus(StatusCodeOfReset(http2_error), end.text);
  End(std::move(end));
}

void ClientStream::OnConnectionEnded(EndCause cause, bool sent, absl::string_view text) {
  stream_over_ = true;
  CallEnd end;
  end.cause = cause;
  end.delivery = sent ? Delivery::kSentAnswerUnknown : Delivery::kNotSent;
  end.text = std::string(text);
  end.status = MakeGrpcStatus(absl::StatusCode::kUnavailable, end.text);
  End(std::move(end));
}

void ClientStream::Broken(const absl::Status& status) {
  const bool too_large = status.code() == absl::StatusCode::kResourceExhausted;
  Fail(too_large ? EndCause::kAnswerTooLarge : EndCause::kMalformedAnswer, status.code(),
       absl::string_view(status.message()));
}

void ClientStream::Fail(EndCause cause, absl::StatusCode code, absl::string_view text) {
  if (ended_) return;
  CallEnd end;
  end.cause = cause;
  // What is in the output will leave, even if a reset follows it.
  end.delivery = headers_sent_ ? Delivery::kSentAnswerUnknown : Delivery::kNotSent;
  end.text = std::string(text);
  end.status = MakeGrpcStatus(code, end.text);
  End(std::move(end));
}

void ClientStream::End(CallEnd end) {
  if (ended_) return;
  ended_ = true;
  end_ = std::move(end);
  loop_.Cancel(deadline_timer_);
  loop_.Cancel(sendable_timer_);
  LeaveStream();
  channel_.OnCallEnded(this);
}

void ClientStream::LeaveStream() {
  first_message_.reset();
  queue_.Clear();
  if (receive_) receive_->Clear();
  if (connection_ == nullptr) return;
  const bool answered = end_.cause == EndCause::kAnswered;
  const bool quietly = stream_over_ || (answered && half_closed_sent_);
  ClientConnection& connection = *std::exchange(connection_, nullptr);
  connection.Leave(id_, quietly, answered ? Http2Error::kNoError : Http2Error::kCancel);
}

void ClientStream::TellEnd() {
  if (std::exchange(told_, true)) return;
  if (handle_ != nullptr) std::exchange(handle_, nullptr)->Detach();
  if (observer_ != nullptr) std::exchange(observer_, nullptr)->OnEnd(std::move(end_));
}

}  // namespace ndx::transport
