#include "ndx/tools/loadgen/load_figures.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>

namespace ndx::tools::loadgen {
namespace {

LoadFigures Figures() {
  LoadFigures figures;
  figures.requests = 4;
  figures.by_status = {{"OK", 2}, {"connection_lost", 1}};
  figures.wrong_answers = 1;
  figures.unsent = 1;
  figures.seconds = 2;
  figures.faults = 3;
  figures.first_fault = "request 7: \"odd\"\n\\";
  figures.cpu_us = 40;
  figures.answered.Record(1'000'000);
  figures.answered.Record(2'000'000);
  figures.failed.Record(500);
  return figures;
}

google::protobuf::Struct Read(const std::string& json) {
  google::protobuf::Struct read;
  REQUIRE(google::protobuf::util::JsonStringToMessage(json, &read).ok());
  return read;
}

TEST_CASE("figures: the report is one JSON object with what was counted") {
  const LoadShape shape{.target = "unix:/a b",
                        .tls = true,
                        .payload = "mix",
                        .concurrency = 8,
                        .connections = 2,
                        .rate = 100};
  const auto report = Read(JsonReport(shape, Figures()));
  const auto& fields = report.fields();
  CHECK(fields.at("target").string_value() == "unix:/a b");
  CHECK(fields.at("tls").bool_value());
  CHECK(fields.at("mode").string_value() == "open");
  CHECK(fields.at("rate").number_value() == 100);
  CHECK(fields.at("payload").string_value() == "mix");
  CHECK(fields.at("concurrency").number_value() == 8);
  CHECK(fields.at("connections").number_value() == 2);
  CHECK(fields.at("requests").number_value() == 4);
  CHECK(fields.at("by_status").struct_value().fields().at("OK").number_value() == 2);
  CHECK(fields.at("by_status").struct_value().fields().at("connection_lost").number_value() == 1);
  CHECK(fields.at("wrong_answers").number_value() == 1);
  CHECK(fields.at("unsent").number_value() == 1);
  CHECK(fields.at("faults").number_value() == 3);
  CHECK(fields.at("first_fault").string_value() == "request 7: \"odd\" \\");
  CHECK(fields.at("seconds").number_value() == 2);
  CHECK(fields.at("requests_per_second").number_value() == 1.5);
  CHECK(fields.at("cpu_us_per_request").number_value() == 10);
  const auto& latency = fields.at("latency_us").struct_value().fields();
  CHECK(latency.at("count").number_value() == 2);
  CHECK(latency.at("mean").number_value() == 1500);
  CHECK(latency.at("p50").number_value() == Approx(1000).epsilon(0.001));
  CHECK(latency.at("p999").number_value() == 2000);
  CHECK(latency.at("max").number_value() == 2000);
  CHECK(fields.at("failed_latency_us").struct_value().fields().at("max").number_value() == 0.5);
}

TEST_CASE("figures: a closed loop without a single request is reported too") {
  const auto report = Read(JsonReport({.target = "127.0.0.1:1"}, {}));
  CHECK(report.fields().at("mode").string_value() == "closed");
  CHECK(report.fields().at("requests_per_second").number_value() == 0);
  CHECK(report.fields().at("cpu_us_per_request").number_value() == 0);
}

TEST_CASE("figures: the line for people says what was called, how, and what came of it") {
  const std::string line =
      ReportLine({.target = "127.0.0.1:7443", .payload = "256", .concurrency = 64}, Figures());
  CHECK_THAT(line, Catch::Contains("127.0.0.1:7443, plaintext, payload 256, 64 under way: 4"));
  CHECK_THAT(line, Catch::Contains("OK: 2, connection_lost: 1"));
  CHECK_THAT(line, Catch::Contains("1 wrong, 1 unsent"));
}

}  // namespace
}  // namespace ndx::tools::loadgen
