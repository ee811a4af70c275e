#include "internal/http2_callbacks.h"

#include "internal/http2_connection.h"
#include "ndx/core/status_macros.h"

namespace ndx::transport {
namespace {

constexpr size_t kPingBytes = 8;

Http2Connection& ConnectionOf(void* user) { return *static_cast<Http2Connection*>(user); }

Http2Stream* StreamOf(nghttp2_session* session, int32_t id) {
  return static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

absl::string_view ToView(const uint8_t* bytes, size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

const nghttp2_session_callbacks* Http2Callbacks::Table() {
  static const nghttp2_session_callbacks* const table = [] {
    nghttp2_session_callbacks* callbacks = nullptr;
    NDX_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, OnBeginFrame);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, OnInvalidFrame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnFrameSend);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, OnFrameNotSend);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, OnSendData);
    return callbacks;
  }();
  return table;
}

int Http2Callbacks::OnBeginFrame(nghttp2_session* /*session*/, const nghttp2_frame_hd* head,
                                 void* user) {
  return ConnectionOf(user).CountFrame(*head) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Callbacks::OnBeginHeaders(nghttp2_session* session, const nghttp2_frame* frame,
                                   void* user) {
  Http2Connection& connection = ConnectionOf(user);
  connection.block_began_nanos_ = connection.loop_.NowNanos();
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  const int32_t id = frame->hd.stream_id;
  Http2Stream* stream = connection.OnStreamBegin(id);
  if (stream == nullptr) {
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    return 0;
  }
  nghttp2_session_set_stream_user_data(session, id, stream);
  return 0;
}

int Http2Callbacks::OnHeader(nghttp2_session* session, const nghttp2_frame* frame,
                             const uint8_t* name, size_t name_size, const uint8_t* value,
                             size_t value_size, uint8_t /*flags*/, void* user) {
  Http2Connection& connection = ConnectionOf(user);
  Http2Stream* stream = StreamOf(session, frame->hd.stream_id);
  if (connection.ending()) return NGHTTP2_ERR_CALLBACK_FAILURE;
  if (stream == nullptr) return 0;
  if (stream->OnHeader(ToView(name, name_size), ToView(value, value_size))) return 0;
  connection.CutOff(ConnectionAttack::kHeaderListTooLarge);
  return NGHTTP2_ERR_CALLBACK_FAILURE;
}

int Http2Callbacks::OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  Http2Connection& connection = ConnectionOf(user);
  if (connection.ending()) return NGHTTP2_ERR_CALLBACK_FAILURE;
  const bool end_stream = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  const bool ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
  switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
      connection.block_began_nanos_ = 0;
      if (Http2Stream* stream = StreamOf(session, frame->hd.stream_id)) {
        stream->OnHeadersEnd(end_stream);
      }
      break;
    case NGHTTP2_DATA:
      if (Http2Stream* stream = StreamOf(session, frame->hd.stream_id); stream && end_stream) {
        stream->OnDataEnd();
      }
      break;
    case NGHTTP2_SETTINGS:
      (ack ? connection.settings_acknowledged_ : connection.peer_settings_seen_) = true;
      connection.OnGreeting();
      if (!ack) connection.OnPeerSettings();
      break;
    case NGHTTP2_PING:
      if (ack) {
        connection.ping_sent_nanos_ = 0;
        connection.OnPingAnswered(
            {reinterpret_cast<const char*>(frame->ping.opaque_data), kPingBytes});
      }
      break;
    case NGHTTP2_GOAWAY:
      connection.OnPeerGoAway(frame->goaway.last_stream_id);
      break;
    default:
      break;
  }
  return connection.ending() ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
}

int Http2Callbacks::OnInvalidFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                                   int /*error*/, void* user) {
  if (frame->hd.type == NGHTTP2_HEADERS) ConnectionOf(user).block_began_nanos_ = 0;
  return 0;
}

int Http2Callbacks::OnData(nghttp2_session* session, uint8_t /*flags*/, int32_t id,
                           const uint8_t* bytes, size_t size, void* user) {
  Http2Connection& connection = ConnectionOf(user);
  if (connection.ending()) return NGHTTP2_ERR_CALLBACK_FAILURE;
  // The connection's window is never withheld, so that a stalled stream stalls only itself.
  connection.CreditConnection(size);
  if (Http2Stream* stream = StreamOf(session, id)) stream->OnData(ToView(bytes, size));
  return 0;
}

int Http2Callbacks::OnStreamClose(nghttp2_session* session, int32_t id, uint32_t error,
                                  void* /*user*/) {
  Http2Stream* stream = StreamOf(session, id);
  if (stream == nullptr) return 0;
  nghttp2_session_set_stream_user_data(session, id, nullptr);
  stream->OnStreamClosed(error);
  return 0;
}

int Http2Callbacks::OnFrameSend(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
  Http2Connection& connection = ConnectionOf(user);
  switch (frame->hd.type) {
    case NGHTTP2_HEADERS:
      if (Http2Stream* stream = StreamOf(session, frame->hd.stream_id)) {
        stream->OnHeadersSent((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0);
      }
      break;
    case NGHTTP2_RST_STREAM: {
      // Streams that the peer makes us reset by broken frames cost as much as those it resets.
      const uint32_t error = frame->rst_stream.error_code;
      const bool provoked = error == NGHTTP2_PROTOCOL_ERROR || error == NGHTTP2_STREAM_CLOSED ||
                            error == NGHTTP2_FLOW_CONTROL_ERROR ||
                            error == NGHTTP2_FRAME_SIZE_ERROR || error == NGHTTP2_REFUSED_STREAM;
      if (provoked) connection.Bears(connection.frames_.Provoked(connection.loop_.NowNanos()));
      break;
    }
    case NGHTTP2_GOAWAY:
      if (frame->goaway.error_code != NGHTTP2_NO_ERROR) {
        connection.goaway_with_error_ = true;
        connection.OnAttack(ConnectionAttack::kProtocolError);
      } else {
        connection.OnGoAwaySent();
      }
      break;
    default:
      break;
  }
  return 0;
}

int Http2Callbacks::OnFrameNotSend(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                                   int /*error*/, void* user) {
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
    ConnectionOf(user).OnHeadersNotSent(frame->hd.stream_id);
  }
  return 0;
}

int Http2Callbacks::OnSendData(nghttp2_session* session, nghttp2_frame* frame, const uint8_t* head,
                               size_t size, nghttp2_data_source* /*source*/, void* user) {
  constexpr size_t kFrameHeadBytes = 9;
  Http2Connection& connection = ConnectionOf(user);
  if (connection.output_.size() >= Http2Connection::kOutputBytes) {
    connection.output_full_ = true;
    return NGHTTP2_ERR_WOULDBLOCK;
  }
  Http2Stream* stream = StreamOf(session, frame->hd.stream_id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  connection.frames_.Sent(size);
  connection.output_.append(reinterpret_cast<const char*>(head), kFrameHeadBytes);
  if (size > 0) stream->CopySend(size, &connection.output_);
  return 0;
}

ssize_t Http2Callbacks::ReadData(nghttp2_session* session, int32_t id, uint8_t* /*buffer*/,
                                 size_t size, uint32_t* flags, nghttp2_data_source* /*source*/,
                                 void* /*user*/) {
  Http2Stream* stream = StreamOf(session, id);
  if (stream == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  return stream->NextSendBytes(size, flags);
}

}  // namespace ndx::transport
