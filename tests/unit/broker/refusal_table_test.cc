// Every reason for which a caller is refused before anything is sent, one case each: the code,
// whose move it is, the texts in both languages, the leaf, and that the provider was not asked. The
// stages are real and the case is the whole way from the certificate to the quota.
#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "ndx/registry/calendar.h"
#include "ndx/tests/support/broker_fixture.h"
#include "ndx/tests/support/test_certificates.h"

namespace ndx::broker {
namespace {

using tests::BrokerFixture;

// What the insurer may do with Small: everything is asked for.
constexpr char kStrict[] = R"(
purposes:
- {code: kiem-ke, name_vi: Kiểm kê, valid_to: 2027-01-31}
grants:
- name: strict
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/Small"]
  purposes: [tthc]
  required_references: [DOSSIER, OFFICER, PROCEDURE]
  request_fields: [key]
  quota: {per_day: 2}
  hours: [{days: [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY], from: "07:30", to: "17:00"}]
  valid_from: 2027-02-01
  valid_to: 2027-12-31
  source_addresses: ["10.24.0.0/16"]
  legal_basis: QD 1
- name: doi-soat
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/Note"]
  campaign: {total: 1, per_second: 1000}
  valid_to: 2027-12-31
  legal_basis: QD 2
- name: counted
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/Apply"]
  purposes: [kiem-ke]
  legal_basis: QD 6
- name: fast
  consumer: "VN:GOV:G24:bhxh"
  methods: ["ledger.v1.LedgerService/ChangeOnce"]
  quota: {per_second: 1}
  legal_basis: QD 3
)";

// A system of a merged or suspended member, with more of its entries; it may ask Small, signed, and
// Note with an officer's token.
std::string SignerYaml(const std::string& of_member, const std::string& of_system) {
  return absl::StrFormat(
      R"(
members: [{code: G24.1, name_vi: Khu vực, officer_token_keys: [{public_key: "%s"}], %s}]
systems:
- {id: "VN:GOV:G24.1:ky-so", certificates: [{spki_sha256: "%s"}], signing_keys: [{public_key: "%s"}], %s}
grants:
- {name: signed, consumer: "VN:GOV:G24.1:ky-so", methods: ["ledger.v1.LedgerService/Small"],
   signed_requests: true, legal_basis: QD 4}
- {name: proved, consumer: "VN:GOV:G24.1:ky-so", methods: ["ledger.v1.LedgerService/Note"],
   required_references: [OFFICER], officer_proved: true, legal_basis: QD 5}
)",
      tests::RegisteredKey(tests::EdDsaKey('m')), of_member, tests::SignerSpki(),
      tests::RegisteredKey(tests::EdDsaKey('s')), of_system);
}

// A call that passes; a case changes one thing.
struct Ask {
  std::string yaml = kStrict;
  std::string method = "Small";
  std::string certificate = tests::InsurerCertificate();
  transport::CertificateTime certificate_time = transport::CertificateTime::kValid;
  std::string address = "10.24.1.2:4711";
  std::string purpose = "tthc";
  std::string dossier = "H55-270104-0001";
  std::string officer = "cb-1";
  std::string procedure = "1.011442";
  std::string provider;
  std::string exchange_id;
  std::string signature;
  std::string officer_token;
  std::string body = tests::AskBytes("k");
  absl::CivilSecond at = absl::CivilSecond(2027, 2, 1, 8);  // a Monday
  int before = 0;                                           // calls made before, which pass
  std::string body_before = tests::AskBytes("k");
};

void AsSigner(Ask& ask, const std::string& of_member = "", const std::string& of_system = "") {
  ask.certificate = tests::SignerCertificate();
  ask.yaml = SignerYaml(of_member, of_system);
}

struct RefusalCase {
  const char* name;
  std::function<void(Ask&)> change;
  const char* reason;
  int code;
  const char* rule;  // of the decision; null: none was made
  const char* text_en;
  const char* text_vi;
};

constexpr int kInvalidArgument = 3;
constexpr int kNotFound = 5;
constexpr int kPermissionDenied = 7;
constexpr int kResourceExhausted = 8;
constexpr int kAborted = 10;
constexpr int kUnimplemented = 12;
constexpr int kUnauthenticated = 16;
constexpr char kId[] = "01968f4e-8f00-7abc-8def-000000000001";

std::vector<RefusalCase> IdentityCases() {
  return {
      {"certificate out of date",
       [](Ask& ask) { ask.certificate_time = transport::CertificateTime::kExpired; },
       "CERTIFICATE_EXPIRED", kUnauthenticated, nullptr, "The certificate expired on",
       "Chứng thư số hết hạn ngày"},
      {"certificate not yet valid",
       [](Ask& ask) { ask.certificate_time = transport::CertificateTime::kNotYetValid; },
       "CERTIFICATE_NOT_YET_VALID", kUnauthenticated, nullptr, "valid only from 2026-11-22",
       "chỉ có hiệu lực từ ngày 2026-11-22"},
      {"certificate names no system",
       [](Ask& ask) { ask.certificate = tests::NamelessCertificate(); },
       "CERTIFICATE_WITHOUT_SYSTEM", kUnauthenticated, nullptr, "names no system",
       "không ghi hệ thống"},
      {"certificate not registered", [](Ask& ask) { ask.certificate = tests::SignerCertificate(); },
       "CERTIFICATE_NOT_REGISTERED", kUnauthenticated, nullptr, "contact trực ban trục",
       "Chứng thư số chưa đăng ký"},
      {"an authority that is not the member's",
       [](Ask& ask) { AsSigner(ask, "issuer_spki_sha256: [" + std::string(64, 'a') + "]"); },
       "CERTIFICATE_ISSUER_NOT_REGISTERED", kUnauthenticated, nullptr,
       "registered for member G24.1", "đã đăng ký của đơn vị G24.1"},
      {"system suspended", [](Ask& ask) { AsSigner(ask, "", "suspended: true"); },
       "SYSTEM_SUSPENDED", kUnauthenticated, nullptr, "System VN:GOV:G24.1:ky-so is suspended",
       "đang bị tạm dừng"},
      {"member suspended", [](Ask& ask) { AsSigner(ask, "suspended: true"); }, "SYSTEM_SUSPENDED",
       kUnauthenticated, nullptr, "is suspended", "đang bị tạm dừng"},
      {"member merged into another",
       [](Ask& ask) { AsSigner(ask, "valid_to: 2027-01-31, successor: G24"); }, "MEMBER_REPLACED",
       kUnauthenticated, nullptr, "was in use up to 2027-01-31 and was replaced by Bảo hiểm xã hội",
       "được thay bằng Bảo hiểm xã hội"},
      {"system no longer in use", [](Ask& ask) { AsSigner(ask, "", "valid_to: 2027-01-31"); },
       "SYSTEM_NOT_IN_USE", kUnauthenticated, nullptr, "in use only from … to 2027-01-31",
       "chỉ được dùng từ … đến 2027-01-31"},
  };
}

std::vector<RefusalCase> ProofCases() {
  return {
      {"not signed", [](Ask& ask) { AsSigner(ask); }, "SIGNATURE_MISSING", kInvalidArgument,
       "signed", "add `ndx-signature-bin`", "yêu cầu ký số"},
      {"signed by nobody",
       [](Ask& ask) {
         AsSigner(ask);
         ask.exchange_id = kId;
         ask.signature = "e30..AAAA";
       },
       "SIGNATURE_INVALID", kUnauthenticated, "signed", "The request's signature does not count",
       "Chữ ký số của yêu cầu không hợp lệ"},
      {"an officer who is only stated",
       [](Ask& ask) {
         AsSigner(ask);
         ask.method = "Note";
       },
       "OFFICER_NOT_PROVED", kInvalidArgument, "proved", "add `ndx-officer-token`",
       "thẻ ký số của chính cán bộ"},
      {"an officer's token that is none",
       [](Ask& ask) {
         AsSigner(ask);
         ask.method = "Note";
         ask.officer_token = "e30.e30.AAAA";
       },
       "OFFICER_TOKEN_INVALID", kUnauthenticated, "proved", "The officer's token does not count",
       "Thẻ ký số của cán bộ không hợp lệ"},
  };
}

std::vector<RefusalCase> RouteCases() {
  return {
      {"no such method", [](Ask& ask) { ask.method = "Smal"; }, "METHOD_UNKNOWN", kUnimplemented,
       nullptr, "the nearest is ledger.v1.LedgerService/Small", "gần nhất"},
      {"no such provider", [](Ask& ask) { ask.provider = "VN:GOV:G24:bhxh"; }, "PROVIDER_UNKNOWN",
       kNotFound, nullptr, "these do: VN:GOV:G01:ledger", "không cung cấp dịch vụ này"},
      {"streamed request", [](Ask& ask) { ask.method = "Upload"; }, "STREAMING_UNSUPPORTED",
       kUnimplemented, nullptr, "one request at a time", "gửi từng yêu cầu một"},
  };
}

std::vector<RefusalCase> GrantCases() {
  return {
      {"no grant", [](Ask& ask) { ask.method = "Change"; }, "NO_GRANT", kPermissionDenied,
       "default-deny", "VN:GOV:G24:bhxh has no grant for ledger.v1.LedgerService/Change",
       "chưa có quyền khai thác"},
      {"no purpose", [](Ask& ask) { ask.purpose.clear(); }, "PURPOSE_MISSING", kInvalidArgument,
       "strict", "add `ndx-purpose`, one of: tthc", "Thiếu mục đích khai thác"},
      {"another purpose", [](Ask& ask) { ask.purpose = "thong-ke"; }, "PURPOSE_NOT_GRANTED",
       kPermissionDenied, "strict", "Purpose not granted; allowed: tthc",
       "Mục đích ngoài quyền khai thác"},
      {"a purpose that has ended",
       [](Ask& ask) {
         ask.method = "Apply";
         ask.purpose = "kiem-ke";
       },
       "PURPOSE_NOT_IN_USE", kPermissionDenied, "counted",
       "may be stated only from … to 2027-01-31", "chỉ có hiệu lực từ … đến 2027-01-31"},
      {"no dossier", [](Ask& ask) { ask.dossier.clear(); }, "DOSSIER_MISSING", kInvalidArgument,
       "strict", "add `ndx-dossier`", "Thiếu mã hồ sơ"},
      {"no officer", [](Ask& ask) { ask.officer.clear(); }, "OFFICER_MISSING", kInvalidArgument,
       "strict", "add `ndx-officer`", "Thiếu mã cán bộ"},
      {"no procedure", [](Ask& ask) { ask.procedure.clear(); }, "PROCEDURE_MISSING",
       kInvalidArgument, "strict", "add `ndx-procedure`", "Thiếu mã TTHC"},
      {"the day before", [](Ask& ask) { ask.at = absl::CivilSecond(2027, 1, 29, 8); },
       "GRANT_NOT_IN_FORCE", kPermissionDenied, "strict", "only from 2027-02-01 to 2027-12-31",
       "chỉ có hiệu lực từ 2027-02-01"},
      {"the day after", [](Ask& ask) { ask.at = absl::CivilSecond(2028, 1, 3, 8); },
       "GRANT_NOT_IN_FORCE", kPermissionDenied, "strict", "ask Cơ quan chủ quản", "gia hạn"},
      {"a minute early", [](Ask& ask) { ask.at = absl::CivilSecond(2027, 2, 1, 7, 29, 59); },
       "OUTSIDE_HOURS", kPermissionDenied, "strict", "Mon–Fri 07:30–17:00", "T2–T6 07:30–17:00"},
      {"at the end", [](Ask& ask) { ask.at = absl::CivilSecond(2027, 2, 1, 17); }, "OUTSIDE_HOURS",
       kPermissionDenied, "strict", "call again within them", "gọi lại trong giờ"},
      {"on a Saturday", [](Ask& ask) { ask.at = absl::CivilSecond(2027, 2, 6, 8); },
       "OUTSIDE_HOURS", kPermissionDenied, "strict", "Outside the hours allowed",
       "Ngoài giờ được phép"},
      {"from elsewhere", [](Ask& ask) { ask.address = "10.25.1.2:4711"; }, "SOURCE_NOT_GRANTED",
       kPermissionDenied, "strict", "only for 10.24.0.0/16", "chỉ được gọi từ 10.24.0.0/16"},
  };
}

std::vector<RefusalCase> BodyAndQuotaCases() {
  return {
      {"a required field left out", [](Ask& ask) { ask.body.clear(); }, "FIELD_INVALID",
       kInvalidArgument, "strict", "key: must not be empty", "key: không được để trống"},
      {"a field outside the grant", [](Ask& ask) { ask.body += "\x12\x01x"; }, "FIELD_INVALID",
       kInvalidArgument, "strict", "remark: is outside the grant", "remark: nằm ngoài quyền"},
      {"a field that the contract does not know", [](Ask& ask) { ask.body += "\x7a\x01x"; },
       "FIELD_INVALID", kInvalidArgument, "strict", "#15: is outside the grant",
       "#15: nằm ngoài quyền"},
      {"no message of the type", [](Ask& ask) { ask.body = "\x0a\x7fk"; }, "REQUEST_UNREADABLE",
       kInvalidArgument, "strict", "cannot be read as ledger.v1.Ask", "không đọc được"},
      {"another body under the same id",
       [](Ask& ask) {
         ask.exchange_id = kId;
         ask.before = 1;
         ask.body = tests::AskBytes("other");
       },
       "EXCHANGE_ID_REUSED", kAborted, "strict", "used for another request", "đã dùng cho yêu cầu"},
      {"the day's quota", [](Ask& ask) { ask.before = 2; }, "QUOTA_USED", kResourceExhausted,
       "strict", "Quota of 2 a day is used; retry at 2027-02-02 00:00:00+07:00",
       "Đã dùng hết hạn mức 2/ngày"},
      {"the second's quota",
       [](Ask& ask) {
         ask.method = "ChangeOnce";
         ask.before = 1;
       },
       "QUOTA_USED", kResourceExhausted, "fast", "Quota of 1 a second", "hạn mức 1/giây"},
      {"the campaign's total",
       [](Ask& ask) {
         ask.method = "Note";
         ask.before = 1;
       },
       "CAMPAIGN_TOTAL_USED", kResourceExhausted, "doi-soat", "used all 1 exchanges",
       "đã dùng hết 1 giao dịch"},
  };
}

tests::FakeServerCall* Make(BrokerFixture& f, const Ask& ask, const std::string& body) {
  auto peer = std::make_shared<transport::PeerIdentity>();
  peer->kind = transport::PeerKind::kTls;
  peer->leaf_der = ask.certificate;
  peer->certificate_time = ask.certificate_time;
  peer->address = ask.address;
  peer->connection_id = 7;
  transport::Metadata metadata;
  for (const auto& [key, value] : {std::pair("ndx-purpose", ask.purpose),
                                   {"ndx-dossier", ask.dossier},
                                   {"ndx-officer", ask.officer},
                                   {"ndx-procedure", ask.procedure},
                                   {"ndx-provider", ask.provider},
                                   {"ndx-exchange-id", ask.exchange_id},
                                   {"ndx-signature-bin", ask.signature},
                                   {"ndx-officer-token", ask.officer_token}}) {
    if (!value.empty()) metadata.Add(key, value);
  }
  return f.Call(ask.method,
                {.peer = std::move(peer), .metadata = std::move(metadata), .body = body});
}

void Check(const RefusalCase& expected) {
  Ask ask;
  expected.change(ask);
  BrokerFixture f({}, ask.yaml);
  f.loop.Advance(absl::FromCivil(ask.at, registry::VietnamTimeZone()) - f.loop.clock().Now());
  for (int i = 0; i < ask.before; ++i) {
    CHECK(Make(f, ask, ask.body_before)->status.ok());
  }
  const size_t asked = f.adapter->count();
  tests::FakeServerCall* const call = Make(f, ask, ask.body);
  REQUIRE(call->finished == 1);

  const tests::ReadError error = tests::ReadErrorOf(call->status);
  CHECK(error.reason() == expected.reason);
  CHECK(error.code == expected.code);
  CHECK(call->status.code == expected.code);
  CHECK(error.fault() == "consumer");
  CHECK_THAT(error.texts.at("en"), Catch::Contains(expected.text_en));
  CHECK_THAT(error.texts.at("vi"), Catch::Contains(expected.text_vi));
  CHECK(call->messages.empty());
  CHECK(f.adapter->count() == asked);

  const auto leaf = f.last_leaf();
  CHECK(leaf.event() == journal::v1::JOURNAL_EVENT_REFUSED);
  CHECK(leaf.error_reason() == expected.reason);
  CHECK(leaf.grpc_status() == static_cast<uint32_t>(expected.code));
  CHECK(core::ExchangeId::FromBytes(leaf.exchange_id())->ToString() == error.request_id);
  CHECK(leaf.has_decision() == (expected.rule != nullptr));
  if (expected.rule != nullptr) CHECK(leaf.decision().rule() == expected.rule);
  CHECK(f.Idle());
}

TEST_CASE("a call that meets everything that its grant asks for is answered") {
  BrokerFixture f({}, kStrict);
  const Ask ask;
  f.loop.Advance(absl::FromCivil(ask.at, registry::VietnamTimeZone()) - f.loop.clock().Now());
  CHECK(Make(f, ask, ask.body)->status.ok());
  CHECK(f.adapter->count() == 1);
}

TEST_CASE(
    "whoever is refused is told why, by table; the provider is not asked and a leaf says so") {
  for (const auto& cases :
       {IdentityCases(), RouteCases(), GrantCases(), ProofCases(), BodyAndQuotaCases()}) {
    for (const RefusalCase& each : cases) {
      INFO(each.name);
      Check(each);
    }
  }
}

}  // namespace
}  // namespace ndx::broker
