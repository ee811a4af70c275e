#include "ndx/console/connect_protocol.h"

#include <catch2/catch.hpp>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "ndx/console/refusal_status.h"
#include "ndx/console/v1/operator_service.pb.h"
#include "ndx/transport/gzip.h"

namespace ndx::console {
namespace {

using Catch::Contains;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kBodyMax = 1000;

http::HttpRequest ConnectPost(const Headers& more, std::string body = "{}") {
  http::HttpRequest request{.method = "POST", .path = "/s/M", .body = std::move(body)};
  request.headers = {{"content-type", "application/json"}, {"connect-protocol-version", "1"}};
  for (const auto& [name, value] : more) {
    for (auto& [known, old] : request.headers) {
      if (known == name) old = value;
    }
    if (name != "content-type" && name != "connect-protocol-version") {
      request.headers.emplace_back(name, value);
    }
  }
  return request;
}

ConnectRequest Taken(const http::HttpRequest& request) {
  auto read = ReadConnectRequest(request, kBodyMax);
  REQUIRE(std::holds_alternative<ConnectRequest>(read));
  return std::get<ConnectRequest>(read);
}

http::HttpResponse Refused(const http::HttpRequest& request) {
  auto read = ReadConnectRequest(request, kBodyMax);
  REQUIRE(std::holds_alternative<http::HttpResponse>(read));
  return std::get<http::HttpResponse>(read);
}

TEST_CASE("a request of the protocol is read, in either form") {
  CHECK(Taken(ConnectPost({})).codec == ConnectCodec::kJson);
  CHECK(Taken(ConnectPost({{"content-type", "application/json; charset=utf-8"}})).codec ==
        ConnectCodec::kJson);
  CHECK(Taken(ConnectPost({{"content-type", "application/proto"}})).codec == ConnectCodec::kProto);
  CHECK_FALSE(Taken(ConnectPost({})).timeout.has_value());
  CHECK(Taken(ConnectPost({{"connect-timeout-ms", "9999999999"}})).timeout ==
        absl::Milliseconds(9'999'999'999));
  CHECK(Taken(ConnectPost({{"content-encoding", "identity"}}, "a")).body == "a");
  CHECK(Taken(ConnectPost({{"content-encoding", "gzip"}},
                          transport::Gzip(std::string(kBodyMax, 'a'))))
            .body == std::string(kBodyMax, 'a'));
}

TEST_CASE("what a web page can send without asking is no request") {
  http::HttpRequest get = ConnectPost({});
  get.method = "GET";
  CHECK(Refused(get).status == 405);
  for (const char* const type : {"application/x-www-form-urlencoded", "multipart/form-data",
                                 "text/plain", "", "application/json; charset=latin1"}) {
    INFO(type);
    CHECK(Refused(ConnectPost({{"content-type", type}})).status == 415);
  }
  for (const char* const version : {"", "2", "1.0"}) {
    INFO(version);
    const auto response = Refused(ConnectPost({{"connect-protocol-version", version}}));
    CHECK(response.status == 400);
    CHECK_THAT(response.body, Contains("invalid_argument") && Contains("Connect-Protocol-Version"));
  }
  http::HttpRequest bare = ConnectPost({});
  bare.headers.pop_back();
  CHECK(Refused(bare).status == 400);
  http::HttpRequest twice = ConnectPost({});
  twice.headers.emplace_back("connect-protocol-version", "1");
  CHECK(Refused(twice).status == 400);
}

TEST_CASE("timeouts and compressions that do not hold are refused") {
  for (const char* const timeout : {"", "-1", "1.5", "10000000000", "5s"}) {
    INFO(timeout);
    CHECK(Refused(ConnectPost({{"connect-timeout-ms", timeout}})).status == 400);
  }
  CHECK(Refused(ConnectPost({{"content-encoding", "br"}})).status == 501);
  CHECK(Refused(ConnectPost({{"content-encoding", "gzip"}}, "no gzip")).status == 400);
  const auto bomb = Refused(
      ConnectPost({{"content-encoding", "gzip"}}, transport::Gzip(std::string(kBodyMax + 1, 'a'))));
  CHECK(bomb.status == 429);
  CHECK_THAT(bomb.body, Contains("resource_exhausted"));
}

TEST_CASE("an error has code, text and details, each also readable") {
  const auto response =
      ConnectError(RefusalStatus({.reason = exchange::v1::ERROR_REASON_EXCHANGE_UNKNOWN}));
  CHECK(response.status == 404);
  CHECK(response.content_type == "application/json");
  CHECK_THAT(response.body, Contains(R"("code":"not_found")") &&
                                Contains(R"("type":"google.rpc.ErrorInfo")") &&
                                Contains(R"("reason":"EXCHANGE_UNKNOWN")") &&
                                Contains("Nhật ký của nút không có giao dịch này"));
  CHECK_THAT(response.body, !Contains("==\""));  // values are not padded
  const auto nobody =
      ConnectError(RefusalStatus({.reason = exchange::v1::ERROR_REASON_SIGN_IN_REQUIRED}));
  CHECK(nobody.status == 401);
  CHECK(nobody.headers ==
        std::vector<std::pair<std::string, std::string>>{{"WWW-Authenticate", "Bearer"}});
  CHECK(ConnectError(absl::InternalError("x\"\n")).body ==
        R"({"code":"internal","message":"x\"\n"})");
}

TEST_CASE("messages are JSON or protobuf, as asked") {
  const auto& type = *v1::GetExchangeRequest::descriptor();
  const auto message = MessageOf({.body = R"({"exchangeId":"e","include_payload":true})"}, type);
  REQUIRE(message.ok());
  v1::GetExchangeRequest request;
  REQUIRE(request.ParseFromString(*message));
  CHECK(request.exchange_id() == "e");
  CHECK(request.include_payload());
  CHECK(ConnectAnswer(ConnectCodec::kJson, type, *message).body ==
        R"({"exchangeId":"e","includePayload":true})");
  const auto proto = ConnectAnswer(ConnectCodec::kProto, type, *message);
  CHECK(proto.content_type == "application/proto");
  CHECK(proto.body == *message);
  CHECK(MessageOf({.codec = ConnectCodec::kProto, .body = "any"}, type).value() == "any");
}

TEST_CASE("JSON that is not the message is refused without repeating it") {
  const auto& type = *v1::GetExchangeRequest::descriptor();
  std::string deep;
  for (int i = 0; i < 300; ++i) deep += R"({"x":)";
  for (const std::string& body :
       {std::string(), std::string("[]"), std::string(R"({"exchange_id":1.5})"),
        std::string(R"({"nothing":"001088012345"})"), std::string("{"), deep,
        std::string("{\"exchangeId\":\"\xff\"}")}) {
    INFO(body.substr(0, 40));
    const auto message = MessageOf({.body = body}, type);
    CHECK(absl::IsInvalidArgument(message.status()));
    CHECK_THAT(std::string(message.status().message()),
               Contains("ndx.console.v1.GetExchangeRequest") && !Contains("001088012345"));
  }
}

TEST_CASE("a streaming call is answered by an end that says the error") {
  const http::HttpRequest request = ConnectPost({{"content-type", "application/connect+proto"}});
  CHECK(IsConnectStream(request));
  CHECK_FALSE(IsConnectStream(ConnectPost({})));
  const auto response = ConnectStreamError(request, absl::UnimplementedError("no"));
  CHECK(response.status == 200);
  CHECK(response.content_type == "application/connect+proto");
  const std::string end = R"({"error":{"code":"unimplemented","message":"no"}})";
  REQUIRE(response.body.size() == 5 + end.size());
  CHECK(response.body[0] == 2);
  CHECK(response.body[4] == static_cast<char>(end.size()));
  CHECK(response.body.substr(5) == end);
}

}  // namespace
}  // namespace ndx::console
