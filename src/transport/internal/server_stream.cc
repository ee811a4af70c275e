#include "internal/server_stream.h"

#include <algorithm>
#include <utility>

#include "internal/header_list.h"
#include "internal/server_connection.h"
#include "internal/server_shard.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr absl::string_view kContentType = "application/grpc";
constexpr absl::string_view kAcceptEncoding = "identity,gzip";

MessageDeframer::Limits DeframerLimits(const ServerLimits& limits) {
  return {.message_bytes_max = limits.message_bytes_max, .gzip_ratio_max = limits.gzip_ratio_max};
}

}  // namespace

ServerStream::ServerStream(ServerShared& shared, ServerShard& shard, ServerConnection& connection,
                           int32_t id)
    : shared_(shared),
      shard_(shard),
      loop_(connection.loop()),
      connection_(&connection),
      id_(id),
      peer_(connection.peer()),
      headers_(std::in_place, shared.options),
      receive_(DeframerLimits(shared.options.limits), &connection.receive_budget(),
               &shared.budget) {}

void ServerStream::TellClosed() {
  if (observer_ != nullptr) observer_->OnClosed(written_);
}

ServerStream::~ServerStream() {
  if (observer_ != nullptr) shared_.calls.fetch_sub(1, std::memory_order_relaxed);
}

bool ServerStream::OnHeader(absl::string_view name, absl::string_view value) {
  if (headers_) return headers_->Add(name, value);
  // Trailers of a request have no meaning in gRPC; they are only bounded.
  trailer_bytes_ += name.size() + value.size() + Metadata::kEntryOverheadBytes;
  return trailer_bytes_ <= shared_.options.limits.header_list_bytes_max;
}

void ServerStream::OnHeadersEnd(bool end_stream) {
  if (!headers_) {
    if (end_stream) OnDataEnd();
    return;
  }
  if (const int http_status = headers_->HttpRefusal(); http_status != 0) {
    request_ended_ = end_stream;
    Refuse(http_status);
  } else {
    StartCall(end_stream);
  }
}

void ServerStream::Refuse(int http_status) {
  shared_.observer.OnNotGrpc(*peer_, http_status);
  connection_->CountBadRequest();
  headers_.reset();
  dropping_ = finished_ = headers_submitted_ = true;
  HeaderList list;
  list.AddOwned(":status", std::to_string(http_status));
  if (http_status == 405) list.Add("allow", "POST");
  nghttp2_submit_response(connection_->session(), id_, list.data(), list.size(), nullptr);
  connection_->ScheduleFlush();
}

void ServerStream::StartCall(bool end_stream) {
  absl::Status status = headers_->status();
  unknown_encoding_ = headers_->unknown_encoding();
  if (headers_->gzip()) receive_.deframer().allow_gzip();
  head_ = headers_->Take(loop_.NowNanos());
  head_.arrived_nanos = connection_->arrived_nanos();
  headers_.reset();
  shared_.calls.fetch_add(1, std::memory_order_relaxed);
  observer_ = shared_.service.OnCall(*this);
  NDX_CHECK(observer_ != nullptr);
  if (!status.ok()) Malformed(std::move(status));
  if (end_stream) OnDataEnd();
}

void ServerStream::OnData(absl::string_view bytes) {
  if (dropping_) return;
  absl::Status status =
      receive_.Feed(bytes, [this](Message message) { return Deliver(std::move(message)); });
  if (!status.ok()) {
    Malformed(std::move(status));
  } else if (!dropping_) {
    connection_->CreditStream(id_, receive_.TakeCredit());
  }
}

bool ServerStream::Deliver(Message message) {
  if (!one_message_) {
    observer_->OnMessage(std::move(message));
  } else if (first_message_ == nullptr) {
    first_message_ = std::move(message);
  } else {
    Malformed(absl::UnimplementedError("the method takes one request message, and more came"));
  }
  return !dropping_;
}

void ServerStream::OnDataEnd() {
  if (request_ended_) return;
  request_ended_ = true;
  if (!dropping_) EndRequest();
}

void ServerStream::EndRequest() {
  if (absl::Status status = receive_.End(); !status.ok()) {
    Malformed(std::move(status));
    return;
  }
  if (one_message_) {
    if (first_message_ == nullptr) {
      Malformed(absl::UnimplementedError("the method takes one request message, and none came"));
      return;
    }
    observer_->OnMessage(std::move(first_message_));
  }
  if (!dropping_) observer_->OnRequestEnd();
}

void ServerStream::Malformed(absl::Status status) {
  if (dropping_) return;
  dropping_ = true;
  first_message_.reset();
  connection_->CountBadRequest();
  observer_->OnRequestMalformed(std::move(status));
}

void ServerStream::Cancelled(CancelCause cause) {
  dropping_ = true;
  if (std::exchange(cancelled_, true)) return;
  if (observer_ != nullptr && !finished_) observer_->OnCancelled(cause);
}

void ServerStream::SetMessageBytesMax(size_t bytes) {
  receive_.deframer().set_message_bytes_max(bytes);
}

void ServerStream::SendInitialMetadata(Metadata metadata) {
  if (open() && !headers_submitted_) SubmitHeaders(metadata);
}

void ServerStream::SendMessage(Message message) {
  if (!open()) return;
  if (!headers_submitted_) SubmitHeaders({});
  if (queue_.empty()) send_progress_nanos_ = loop_.NowNanos();
  const size_t before = queue_.bytes();
  queue_.Push(std::move(message));
  shard_.AddUnsent(queue_.bytes() - before);
  was_above_ = was_above_ || queue_.bytes() > kSendLowWaterBytes;
  Resume();
}

void ServerStream::Finish(GrpcStatus status, Metadata trailers) {
  if (finished_) return;
  finished_ = dropping_ = true;
  if (closed_) {
    ReleaseIfOver();
    return;
  }
  status_ = std::move(status);
  trailers_ = std::move(trailers);
  if (headers_submitted_) {
    Resume();
  } else {
    SubmitTrailersOnly();
  }
}

void ServerStream::Reset(Http2Error error) {
  if (finished_) return;
  finished_ = dropping_ = true;
  if (!closed_) connection_->ResetStream(id_, error);
  ReleaseIfOver();
}

void ServerStream::SubmitHeaders(const Metadata& metadata) {
  headers_submitted_ = true;
  HeaderList list;
  list.Add(":status", "200");
  list.Add("content-type", kContentType);
  if (unknown_encoding_) list.Add("grpc-accept-encoding", kAcceptEncoding);
  list.AddMetadata(metadata);
  const nghttp2_data_provider provider = Http2Connection::DataProvider();
  nghttp2_submit_response(connection_->session(), id_, list.data(), list.size(), &provider);
  connection_->ScheduleFlush();
}

void ServerStream::SubmitTrailersOnly() {
  headers_submitted_ = true;
  HeaderList list;
  list.Add(":status", "200");
  list.Add("content-type", kContentType);
  if (unknown_encoding_) list.Add("grpc-accept-encoding", kAcceptEncoding);
  list.AddStatus(status_);
  list.AddMetadata(trailers_);
  nghttp2_submit_response(connection_->session(), id_, list.data(), list.size(), nullptr);
  connection_->ScheduleFlush();
}

void ServerStream::SubmitTrailers() {
  HeaderList list;
  list.AddStatus(status_);
  list.AddMetadata(trailers_);
  nghttp2_submit_trailer(connection_->session(), id_, list.data(), list.size());
}

void ServerStream::Resume() {
  if (deferred_) {
    deferred_ = false;
    connection_->ResumeStream(id_);
  } else {
    connection_->ScheduleFlush();
  }
}

ssize_t ServerStream::NextSendBytes(size_t max, uint32_t* flags) {
  const size_t bytes = std::min(max, queue_.bytes());
  if (finished_ && bytes == queue_.bytes()) {
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    SubmitTrailers();
  } else if (bytes == 0) {
    deferred_ = true;
    return NGHTTP2_ERR_DEFERRED;
  }
  return static_cast<ssize_t>(bytes);
}

void ServerStream::CopySend(size_t bytes, std::string* out) {
  queue_.CopyTo(bytes, out);
  shard_.TakeUnsent(bytes);
  send_progress_bytes_ += bytes;
  if (queue_.empty() || send_progress_bytes_ >= shared_.options.limits.send_progress_bytes_min) {
    send_progress_nanos_ = loop_.NowNanos();
    send_progress_bytes_ = 0;
  }
  if (!was_above_ || queue_.bytes() > kSendLowWaterBytes) return;
  was_above_ = false;
  if (finished_) return;
  loop_.Defer([this] {
    if (open()) observer_->OnSendable();
  });
}

void ServerStream::OnHeadersSent(bool end_stream) {
  if (!end_stream) return;
  status_sent_ = true;
  // The answer is complete; what the caller may still be sending is of no use to anyone.
  if (!request_ended_) connection_->ResetStream(id_, Http2Error::kNoError);
}

void ServerStream::OnStreamClosed(uint32_t /*http2_error*/) {
  closed_ = true;
  ClearQueue();
  if (status_sent_) {
    connection_->AwaitWritten(this);
    return;
  }
  Cancelled(CancelCause::kResetByCaller);
  ReleaseIfOver();
}

void ServerStream::OnWritten() {
  written_ = true;
  ReleaseIfOver();
}

void ServerStream::OnConnectionEnded(CancelCause cause) {
  receive_.Clear();  // the connection's budget goes with it
  ClearQueue();
  connection_ = nullptr;
  closed_ = true;
  status_sent_ = false;
  Cancelled(cause);
  ReleaseIfOver();
}

void ServerStream::CutStalled() {
  if (connection_->blocked()) {
    // Not even a RST_STREAM would leave.
    connection_->CutOff(ConnectionAttack::kSlowReader);
    return;
  }
  connection_->TellStreamCutOff();
  connection_->ResetStream(id_, Http2Error::kCancel);
  Cancelled(CancelCause::kConnectionCut);
}

void ServerStream::ClearQueue() {
  shard_.TakeUnsent(queue_.bytes());
  queue_.Clear();
}

void ServerStream::ReleaseReceived(size_t bytes) {
  if (connection_ == nullptr) return;
  receive_.Release(bytes);
  if (!closed_ && !dropping_) connection_->CreditStream(id_, receive_.TakeCredit());
}

void ServerStream::ReleaseIfOver() {
  if (!finished_ && observer_ == nullptr && closed_) finished_ = true;
  if (!finished_ || !closed_ || releasing_) return;
  if (status_sent_ && !written_) return;
  releasing_ = true;
  receive_.Clear();
  if (connection_ != nullptr) std::exchange(connection_, nullptr)->Forget(this);
  // By address: when the server stops in this very round, the shard may have dropped this call
  // before.
  loop_.Defer([shard = &shard_, stream = this] { shard->Release(stream); });
}

}  // namespace ndx::transport
