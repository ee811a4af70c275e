#include "ndx/adapters/sdk/message_stream.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ndx/core/status_macros.h"

namespace ndx::sdk {

absl::Status MessageStream::Write(const google::protobuf::Message& answer) {
  NDX_ASSIGN_OR_RETURN(MessageBytes bytes, SerializeAnswer(answer, message_bytes_max_));
  if (!reply_.AwaitSendable()) return absl::CancelledError("the caller has gone");
  reply_.SendMessage(std::move(bytes));
  return absl::OkStatus();
}

absl::StatusOr<MessageBytes> SerializeAnswer(const google::protobuf::Message& answer,
                                             size_t message_bytes_max) {
  if (answer.ByteSizeLong() > message_bytes_max) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the answer is over the method's limit of ", message_bytes_max, " bytes"));
  }
  return std::make_shared<const std::string>(answer.SerializeAsString());
}

}  // namespace ndx::sdk
