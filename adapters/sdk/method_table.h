// The methods of a service and the functions that serve them. Types are checked when a method is
// added, so a table that was built fits its .proto.
//
//   MethodTable methods(*LandService descriptor*);
//   methods.Unary("GetParcel", backend, &LandBackend::GetParcel);
//
// Thread-safety: thread-compatible; constant after construction of the adapter.
// Ownership: the backend must outlive the table.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "ndx/adapters/sdk/call_context.h"
#include "ndx/adapters/sdk/message_stream.h"
#include "ndx/core/status_macros.h"

namespace ndx::sdk {

class MethodTable {
 public:
  // Serves one request: fills the answer, or returns an error. Business answers ("no such person")
  // are answers.
  using UnaryFunction =
      std::function<absl::Status(const google::protobuf::Message& request,
                                 google::protobuf::Message& answer, CallContext& context)>;
  using StreamFunction = std::function<absl::Status(const google::protobuf::Message& request,
                                                    MessageStream& answers, CallContext& context)>;

  struct Method {
    const google::protobuf::MethodDescriptor* descriptor = nullptr;
    UnaryFunction unary;    // one of the two
    StreamFunction stream;  // is set
  };

  explicit MethodTable(const google::protobuf::ServiceDescriptor& service) : service_(service) {}

  // Adds a function for messages known only by descriptor.
  void AddUnary(absl::string_view method, UnaryFunction function);
  void AddStream(absl::string_view method, StreamFunction function);

  // Adds a member function for generated types. NDX_CHECKs that they are the method's own.
  template <typename Backend, typename Request, typename Answer>
  void Unary(absl::string_view method, Backend& backend,
             absl::Status (Backend::*function)(const Request&, Answer&, CallContext&)) {
    CheckTypes(method, *Request::descriptor(), *Answer::descriptor());
    AddUnary(method, [&backend, function](const google::protobuf::Message& request,
                                          google::protobuf::Message& answer, CallContext& context) {
      return (backend.*function)(static_cast<const Request&>(request), static_cast<Answer&>(answer),
                                 context);
    });
  }

  template <typename Backend, typename Request, typename Answer>
  void ServerStream(absl::string_view method, Backend& backend,
                    absl::Status (Backend::*function)(const Request&, TypedStream<Answer>&,
                                                      CallContext&)) {
    CheckTypes(method, *Request::descriptor(), *Answer::descriptor());
    AddStream(method, [&backend, function](const google::protobuf::Message& request,
                                           MessageStream& answers, CallContext& context) {
      TypedStream<Answer> typed(answers);
      return (backend.*function)(static_cast<const Request&>(request), typed, context);
    });
  }

  const google::protobuf::ServiceDescriptor& service() const { return service_; }

  // The method of a path "/package.Service/Method"; null when it is not served.
  const Method* Find(absl::string_view path) const;

  // Every method by its path.
  const std::map<std::string, Method, std::less<>>& methods() const { return methods_; }

  // The first method of the service that has no function; empty when all have.
  std::string FirstUnserved() const;

 private:
  const google::protobuf::MethodDescriptor& Declared(absl::string_view method) const;
  void CheckTypes(absl::string_view method, const google::protobuf::Descriptor& request,
                  const google::protobuf::Descriptor& answer) const;
  void Add(absl::string_view method, Method served);

  const google::protobuf::ServiceDescriptor& service_;
  std::map<std::string, Method, std::less<>> methods_;
};

}  // namespace ndx::sdk
