// The callbacks that nghttp2 is given, one table for all sessions.
//
// Thread-safety: thread-safe once made.
#pragma once

#include <nghttp2/nghttp2.h>

namespace ndx::transport {

struct Http2Callbacks {
  static const nghttp2_session_callbacks* Table();

  static int OnBeginFrame(nghttp2_session*, const nghttp2_frame_hd* head, void* user);
  static int OnBeginHeaders(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t flags,
                      void* user);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int OnInvalidFrame(nghttp2_session*, const nghttp2_frame* frame, int error, void* user);
  static int OnData(nghttp2_session*, uint8_t flags, int32_t id, const uint8_t* bytes, size_t size,
                    void* user);
  static int OnStreamClose(nghttp2_session*, int32_t id, uint32_t error, void* user);
  static int OnFrameSend(nghttp2_session*, const nghttp2_frame* frame, void* user);
  static int OnFrameNotSend(nghttp2_session*, const nghttp2_frame* frame, int error, void* user);
  static int OnSendData(nghttp2_session*, nghttp2_frame* frame, const uint8_t* head, size_t size,
                        nghttp2_data_source* source, void* user);
  static ssize_t ReadData(nghttp2_session*, int32_t id, uint8_t* buffer, size_t size,
                          uint32_t* flags, nghttp2_data_source* source, void* user);
};

}  // namespace ndx::transport
