#include "ndx/adapters/sdk/method_table.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ndx::sdk {
namespace {

std::string PathOf(const google::protobuf::MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

}  // namespace

void MethodTable::AddUnary(absl::string_view method, UnaryFunction function) {
  NDX_CHECK(!Declared(method).server_streaming() && function != nullptr);
  Method served;
  served.unary = std::move(function);
  Add(method, std::move(served));
}

void MethodTable::AddStream(absl::string_view method, StreamFunction function) {
  NDX_CHECK(Declared(method).server_streaming() && function != nullptr);
  Method served;
  served.stream = std::move(function);
  Add(method, std::move(served));
}

const MethodTable::Method* MethodTable::Find(absl::string_view path) const {
  const auto found = methods_.find(path);
  return found == methods_.end() ? nullptr : &found->second;
}

std::string MethodTable::FirstUnserved() const {
  for (int i = 0; i < service_.method_count(); ++i) {
    if (Find(PathOf(*service_.method(i))) == nullptr) return service_.method(i)->name();
  }
  return {};
}

const google::protobuf::MethodDescriptor& MethodTable::Declared(absl::string_view method) const {
  const auto* descriptor = service_.FindMethodByName(std::string(method));
  NDX_CHECK(descriptor != nullptr && !descriptor->client_streaming());
  return *descriptor;
}

void MethodTable::CheckTypes(absl::string_view method, const google::protobuf::Descriptor& request,
                             const google::protobuf::Descriptor& answer) const {
  NDX_CHECK(Declared(method).input_type() == &request);
  NDX_CHECK(Declared(method).output_type() == &answer);
}

void MethodTable::Add(absl::string_view method, Method served) {
  served.descriptor = &Declared(method);
  const bool added = methods_.emplace(PathOf(*served.descriptor), std::move(served)).second;
  NDX_CHECK(added);
}

}  // namespace ndx::sdk
