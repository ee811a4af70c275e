#include "ndx/broker/request_context.h"

#include <catch2/catch.hpp>

#include "ndx/core/limits.h"
#include "ndx/core/system_id.h"
#include "ndx/crypto/jws.h"

namespace ndx::broker {
namespace {

using transport::Metadata;

RequestContext Good(const Metadata& metadata) {
  auto read = ReadRequestContext(metadata);
  REQUIRE(std::holds_alternative<RequestContext>(read));
  return std::get<RequestContext>(std::move(read));
}

// The key that the refusal names.
std::string BadKey(const Metadata& metadata) {
  auto read = ReadRequestContext(metadata);
  if (!std::holds_alternative<core::Refusal>(read)) return "";
  const core::Refusal refusal = std::get<core::Refusal>(std::move(read));
  CHECK(core::ReasonName(refusal.reason) == "METADATA_INVALID");
  REQUIRE(refusal.violations.size() == 1);
  CHECK(refusal.violations[0].field == refusal.parameters.at("key"));
  return refusal.parameters.at("key");
}

TEST_CASE("everything that a caller may state is read, and everything may be left out") {
  const RequestContext context =
      Good({{"ndx-provider", "VN:GOV:G01:ledger"},
            {"ndx-purpose", "tthc"},
            {"ndx-dossier", "H55-1"},
            {"ndx-procedure", "1.011442"},
            {"ndx-officer", "cb-1"},
            {"ndx-officer-token", "a.b.c"},
            {"ndx-signature-bin", std::string("\x00\xff", 2)},
            {"ndx-exchange-id", "0198F3A4-0000-7000-8000-00000000002A"},
            {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  CHECK(context.provider == "VN:GOV:G01:ledger");
  CHECK(context.purpose == "tthc");
  CHECK(context.dossier == "H55-1");
  CHECK(context.procedure == "1.011442");
  CHECK(context.officer == "cb-1");
  CHECK(context.officer_token == "a.b.c");
  CHECK(context.signature == std::string("\x00\xff", 2));
  CHECK(context.exchange_id->ToString() == "0198f3a4-0000-7000-8000-00000000002a");
  CHECK(context.traceparent->sampled());

  const RequestContext empty = Good({});
  CHECK(empty.purpose.empty());
  CHECK_FALSE(empty.exchange_id.has_value());
  CHECK_FALSE(empty.traceparent.has_value());
}

TEST_CASE("each value at its limit and one byte more") {
  const std::pair<std::string, size_t> limits[] = {{"ndx-provider", core::SystemId::kTextLengthMax},
                                                   {"ndx-purpose", core::kPurposeBytesMax},
                                                   {"ndx-dossier", core::kDossierBytesMax},
                                                   {"ndx-procedure", core::kProcedureBytesMax},
                                                   {"ndx-officer", core::kOfficerBytesMax},
                                                   {"ndx-officer-token", crypto::kJwsBytesMax},
                                                   {"ndx-signature-bin", 1024}};
  for (const auto& [key, limit] : limits) {
    CAPTURE(key);
    CHECK(BadKey({{key, std::string(limit, 'x')}}).empty());
    CHECK(BadKey({{key, std::string(limit + 1, 'x')}}) == key);
  }
}

TEST_CASE("a key given twice is refused, whatever it says") {
  for (const std::string key :
       {"ndx-provider", "ndx-purpose", "ndx-dossier", "ndx-procedure", "ndx-officer",
        "ndx-officer-token", "ndx-signature-bin", "ndx-exchange-id"}) {
    CAPTURE(key);
    const std::string value = "0198f3a4-0000-7000-8000-00000000002a";
    CHECK(BadKey({{key, value}, {key, value}}) == key);
  }
}

TEST_CASE("an exchange id is a UUID of version 7, or refused without being repeated") {
  for (const std::string bad :
       {"", "x", "0198f3a4-0000-4000-8000-00000000002a", "0198f3a400007000800000000000002a"}) {
    CAPTURE(bad);
    CHECK(BadKey({{"ndx-exchange-id", bad}}) == "ndx-exchange-id");
  }
  const auto read = ReadRequestContext({{"ndx-exchange-id", "012345678901"}});
  const auto& refusal = std::get<core::Refusal>(read);
  CHECK(core::TextOf(refusal, core::Language::kVietnamese).find("012345678901") ==
        std::string::npos);
}

TEST_CASE("a malformed traceparent is dropped, as its standard says") {
  CHECK_FALSE(Good({{"traceparent", "nonsense"}}).traceparent.has_value());
}

}  // namespace
}  // namespace ndx::broker
