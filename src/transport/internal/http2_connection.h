// One HTTP/2 connection: socket, TLS, nghttp2 session, output, liveness and abuse counters. Server
// and client side share it; what a stream means is left to the derived class.
//
//   bytes in ──▶ ByteStream ──▶ nghttp2_session_mem_recv ──▶ Http2Stream
//   Http2Stream ──▶ nghttp2 (frames) ──▶ output ──▶ ByteStream, once per round of the loop
//
// Thread-safety: on its event loop.
// Ownership: End() tears down at the end of the loop's round and calls OnEnded() as the very last
// thing; there the owner deletes the connection. Nothing else may delete it once Begin() has been
// called.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "internal/byte_stream.h"
#include "internal/frame_budget.h"
#include "internal/http2_stream.h"
#include "internal/memory_budget.h"
#include "ndx/transport/connection_event.h"
#include "ndx/transport/event_loop.h"
#include "ndx/transport/read_lag.h"
#include "ndx/transport/status_mapping.h"

namespace ndx::transport {

enum class ConnectionEnd {
  kPeerClosed,
  kLost,       // socket or TLS error
  kCut,        // by us: attack, silence, stall, age
  kGraceful,   // GOAWAY, and all streams done
  kStopping,   // the owner stops
  kHandshake,  // never became a connection
  kNotHttp2,   // the peer's bytes are not HTTP/2
};

struct Http2Settings {
  bool server = true;
  uint32_t concurrent_streams_max = 100;
  uint32_t header_list_bytes_max = 16u << 10;
  uint32_t stream_window_bytes = 256u << 10;
  uint32_t connection_window_bytes = 16u << 20;
  size_t buffer_bytes_max = size_t{128} << 20;
  size_t send_progress_bytes_min = size_t{16} << 10;
  uint32_t continuations_max = 8;
  size_t queued_frames_max = 10'000;
  FrameLimits frames;
  absl::Duration handshake;
  absl::Duration header_block;
  absl::Duration keepalive;
  absl::Duration keepalive_answer;
  absl::Duration send_stall;
};

// What the options of a server and of a channel say alike; the rest each side sets itself.
template <typename Options>
Http2Settings CommonSettings(const Options& options) {
  const auto& limits = options.limits;
  const auto& timeouts = options.timeouts;
  return {.header_list_bytes_max = static_cast<uint32_t>(limits.header_list_bytes_max),
          .stream_window_bytes = limits.stream_window_bytes,
          .connection_window_bytes = limits.connection_window_bytes,
          .buffer_bytes_max = limits.connection_buffer_bytes_max,
          .send_progress_bytes_min = limits.send_progress_bytes_min,
          .continuations_max = limits.continuations_max,
          .queued_frames_max = limits.queued_frames_max,
          .frames = {.pings = limits.pings,
                     .settings = limits.settings,
                     .resets = limits.resets,
                     .empty_frames = limits.empty_frames,
                     .window_updates = limits.window_updates,
                     .key_updates = limits.key_updates},
          .header_block = timeouts.header_block,
          .keepalive = timeouts.keepalive,
          .keepalive_answer = timeouts.keepalive_answer,
          .send_stall = timeouts.send_stall};
}

class Http2Connection : private FdObserver {
 public:
  // Output gathered before it is handed to the socket.
  static constexpr size_t kOutputBytes = size_t{64} << 10;

  Http2Connection(EventLoop& loop, std::unique_ptr<ByteStream> stream,
                  const Http2Settings& settings);
  ~Http2Connection() override;
  Http2Connection(const Http2Connection&) = delete;
  Http2Connection& operator=(const Http2Connection&) = delete;

  // Since when what is read now was there to be read, as far as is known.
  int64_t arrived_nanos() const { return loop_.NowNanos() - lag_.Nanos(loop_.NowNanos()); }
  EventLoop& loop() const { return loop_; }
  MemoryBudget& receive_budget() { return receive_budget_; }
  bool ending() const { return ending_; }
  bool open() const { return state_ == State::kOpen && !ending_; }

  // The socket takes nothing just now.
  bool blocked() const { return blocked_since_nanos_ != 0; }

  // Counts, tells and ends a connection that misbehaves.
  void CutOff(ConnectionAttack attack);

  // Counts an answer that says nothing (1xx); too many of them end the connection.
  void CountEmptyAnswer();

  // Ends the connection at the end of this round.
  void End(ConnectionEnd end, absl::string_view text);

  // Hands what nghttp2 has to send to the socket at the end of this round.
  void ScheduleFlush();

  // What streams do to the session; no-ops when the connection is ending.
  void ResetStream(int32_t id, Http2Error error);
  void ResumeStream(int32_t id);
  void CreditConnection(size_t bytes);
  void CreditStream(int32_t id, size_t bytes);
  nghttp2_session* session() { return session_; }
  // How streams hand over their bytes: NextSendBytes and CopySend.
  static nghttp2_data_provider DataProvider();

  // Bytes put into the output since the beginning, and those of them that the socket took.
  uint64_t queued_total() const { return written_total_ + (output_.size() - output_sent_); }
  uint64_t written_total() const { return written_total_; }

 protected:
  // Starts; connecting: connect() is still under way.
  void Begin(bool connecting);

  // Ends a connection that has not become one.
  void RefuseHandshake(HandshakeRefusal refusal, absl::string_view cause);

  // The due time of whatever is next has become earlier.
  void ArmTimer();

  // Session and settings are there; streams may be made.
  virtual void OnOpened() = 0;
  // Checks what TLS negotiated; false refuses.
  virtual bool OnTlsDone(ByteStream& stream) = 0;
  virtual void OnHandshakeRefused(HandshakeRefusal refusal, absl::string_view cause) = 0;
  // The handshake is over: the peer's SETTINGS have come, and it has acknowledged ours.
  virtual void OnGreeted() {}
  // The peer's first SETTINGS, and later changes.
  virtual void OnPeerSettings() {}
  // A stream of the peer; null refuses it.
  virtual Http2Stream* OnStreamBegin(int32_t id) = 0;
  virtual void OnPeerGoAway(int32_t last_id) { (void)last_id; }
  virtual void OnHeadersNotSent(int32_t id) { (void)id; }
  // What was sent with the PING comes back.
  virtual void OnPingAnswered(absl::string_view opaque) { (void)opaque; }
  // A GOAWAY of ours without an error is about to be put into the output.
  virtual void OnGoAwaySent() {}
  virtual void OnAttack(ConnectionAttack attack) = 0;
  // The socket took bytes.
  virtual void OnWritten() {}
  virtual bool HasStreams() const = 0;
  // Own deadlines: the next one (0: none), and that some time has passed.
  virtual int64_t NextDueNanos() const { return 0; }
  virtual void OnDue() {}
  // The last call.
  virtual void OnEnded(ConnectionEnd end, const std::string& text) = 0;

  ByteStream& stream() { return *stream_; }
  const ByteStream& stream() const { return *stream_; }
  int64_t opened_nanos() const { return opened_nanos_; }
  bool peer_settings_seen() const { return peer_settings_seen_; }

 private:
  friend struct Http2Callbacks;
  enum class State { kConnecting, kHandshaking, kOpen };

  void OnFdReady(uint32_t events) override;
  bool Connect();
  bool Handshake();
  void OpenSession();
  void ReadSome();
  // Adds to *read; true: everything has been read.
  bool ReadUpToBudget(size_t* read);
  bool Receive(absl::string_view bytes);
  void Flush();
  void FlushRounds();
  bool FillOutput();
  bool WriteOutput();
  void UpdateInterest(bool want_write);
  void OnTimer();
  int64_t DueNanos() const;
  void Teardown();
  bool CountFrame(const nghttp2_frame_hd& head);
  bool CountKeyUpdates();
  // False when it is cut off for that.
  bool Bears(FrameBudget::Verdict verdict);
  void CountWritten(size_t bytes);
  void OnGreeting();
  bool greeted() const { return peer_settings_seen_ && settings_acknowledged_; }

  EventLoop& loop_;
  std::unique_ptr<ByteStream> stream_;
  const Http2Settings settings_;
  MemoryBudget receive_budget_;
  State state_ = State::kHandshaking;
  nghttp2_session* session_ = nullptr;
  std::string output_;
  size_t output_sent_ = 0;
  uint64_t written_total_ = 0;
  uint32_t interest_ = 0;
  bool flush_scheduled_ = false;
  bool output_full_ = false;
  bool ending_ = false;
  bool peer_settings_seen_ = false;
  bool settings_acknowledged_ = false;
  bool goaway_with_error_ = false;
  ConnectionEnd end_ = ConnectionEnd::kLost;
  std::string end_text_;

  EventLoop::TimerId timer_;
  EventLoop::TimerId read_again_;
  int64_t begun_nanos_ = 0;
  int64_t opened_nanos_ = 0;
  int64_t last_read_nanos_ = 0;
  ReadLag lag_;
  int64_t ping_sent_nanos_ = 0;
  int64_t blocked_since_nanos_ = 0;
  size_t progress_bytes_ = 0;      // taken by the socket since then
  int64_t block_began_nanos_ = 0;  // of the header block that is coming in; 0: none
  FrameBudget frames_;
};

}  // namespace ndx::transport
