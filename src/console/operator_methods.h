// The methods of the operator API by path, each with the role it needs and the code that answers.
//
//   methods.AddUnary<v1::GetStatusRequest, v1::GetStatusResponse>(
//       "GetStatus", OPERATOR_ROLE_VIEWER, [this](const OperatorIdentity& who, const auto& request)
//       -> absl::StatusOr<v1::GetStatusResponse> { … });
//
// Requests are parsed, and answers serialized, here and nowhere else. All code runs on worker
// threads and may block.
//
// Thread-safety: Add… before use; then immutable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ndx/console/call_reply.h"
#include "ndx/console/operator_directory.h"
#include "ndx/core/status_macros.h"

namespace ndx::console {

// The answering end of a call whose answers have type Response.
template <typename Response>
class TypedReply {
 public:
  explicit TypedReply(std::shared_ptr<CallReply> reply) : reply_(std::move(reply)) {}

  void Send(const Response& response) { reply_->Send(response.SerializeAsString()); }
  void Finish(absl::Status status) { reply_->Finish(std::move(status)); }
  // A unary answer: one message and OK, or the error.
  void Answer(const absl::StatusOr<Response>& response) {
    if (response.ok()) Send(*response);
    Finish(response.status());
  }
  bool cancelled() const { return reply_->cancelled(); }
  bool congested() const { return reply_->congested(); }
  void WaitWhileCongested() { reply_->WaitWhileCongested(); }

 private:
  std::shared_ptr<CallReply> reply_;
};

struct OperatorMethod {
  std::string name;
  OperatorRole role = settings::v1::OPERATOR_ROLE_ADMINISTRATOR;
  // Parses the request and answers it, then or later, on any thread.
  std::function<void(const OperatorIdentity&, const std::string& request,
                     std::shared_ptr<CallReply>)>
      run;
};

class OperatorMethods {
 public:
  // service: full name, without slashes.
  explicit OperatorMethods(std::string service) : service_(std::move(service)) {}

  // A method that answers in time of its own: once with Answer(), or with Send()s and Finish().
  template <typename Request, typename Response>
  void Add(const std::string& name, OperatorRole role,
           std::function<void(const OperatorIdentity&, const Request&, TypedReply<Response>)> run) {
    auto parse_and_run = [run = std::move(run)](const OperatorIdentity& who,
                                                const std::string& bytes,
                                                std::shared_ptr<CallReply> reply) {
      Request request;
      if (!request.ParseFromString(bytes)) {
        reply->Finish(absl::InvalidArgumentError(
            absl::StrCat("the request is no ", request.GetDescriptor()->full_name())));
        return;
      }
      run(who, request, TypedReply<Response>(std::move(reply)));
    };
    const bool added = methods_
                           .emplace(absl::StrCat("/", service_, "/", name),
                                    OperatorMethod{name, role, std::move(parse_and_run)})
                           .second;
    NDX_CHECK(added);
  }

  // A method that answers at once.
  template <typename Request, typename Response>
  void AddUnary(
      const std::string& name, OperatorRole role,
      std::function<absl::StatusOr<Response>(const OperatorIdentity&, const Request&)> answer) {
    Add<Request, Response>(name, role,
                           [answer = std::move(answer)](
                               const OperatorIdentity& who, const Request& request,
                               TypedReply<Response> reply) { reply.Answer(answer(who, request)); });
  }

  // By path, "/package.Service/Method"; null when there is none.
  const OperatorMethod* Find(const std::string& path) const {
    const auto found = methods_.find(path);
    return found == methods_.end() ? nullptr : &found->second;
  }

 private:
  const std::string service_;
  std::map<std::string, OperatorMethod> methods_;
};

}  // namespace ndx::console
