#include "ndx/adapters/sdk/method_table.h"

#include <catch2/catch.hpp>

#include "ndx/land/v1/land_service.pb.h"
#include "ndx/population/v1/population_service.pb.h"
#include "ndx/tests/support/fake_clock.h"

namespace ndx::sdk {
namespace {

using google::protobuf::Message;

const google::protobuf::ServiceDescriptor& LandService() {
  return *land::v1::GetParcelRequest::descriptor()->file()->FindServiceByName("LandService");
}

struct Backend {
  absl::Status GetParcel(const land::v1::GetParcelRequest& request,
                         land::v1::GetParcelResponse& answer, CallContext&) {
    answer.mutable_parcel()->set_parcel_id(request.parcel_id());
    return absl::OkStatus();
  }
};

TEST_CASE("a method is found by its path and serves its own types") {
  Backend backend;
  MethodTable methods(LandService());
  methods.Unary("GetParcel", backend, &Backend::GetParcel);
  CHECK(methods.Find("/ndx.land.v1.LandService/GetCertificate") == nullptr);
  CHECK(methods.Find("ndx.land.v1.LandService/GetParcel") == nullptr);
  const MethodTable::Method* method = methods.Find("/ndx.land.v1.LandService/GetParcel");
  REQUIRE(method != nullptr);
  CHECK(method->descriptor->name() == "GetParcel");
  const tests::FakeClock clock;
  const AdapterCall call;
  CallContext context(call, nullptr, clock);
  land::v1::GetParcelRequest request;
  request.set_parcel_id("000-P1");
  land::v1::GetParcelResponse answer;
  CHECK(method->unary(request, answer, context).ok());
  CHECK(answer.parcel().parcel_id() == "000-P1");
}

TEST_CASE("a table says which method is missing") {
  MethodTable methods(LandService());
  const auto nothing = [](const Message&, Message&, CallContext&) { return absl::OkStatus(); };
  for (const char* name : {"GetParcel", "GetCertificate", "ListParcelsOfHolder", "ListChanges"}) {
    methods.AddUnary(name, nothing);
  }
  CHECK(methods.FirstUnserved() == "RegisterChange");
  methods.AddUnary("RegisterChange", nothing);
  CHECK(methods.FirstUnserved().empty());
  CHECK(methods.methods().size() == 5);
}

}  // namespace
}  // namespace ndx::sdk
