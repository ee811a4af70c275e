// Framing and metadata of one call, by size of the message.
#include <benchmark/benchmark.h>

#include <string>

#include "ndx/broker/hop_metadata.h"
#include "ndx/transport/base64.h"
#include "ndx/transport/message_deframer.h"
#include "ndx/transport/metadata.h"
#include "ndx/transport/percent_encoding.h"

namespace {

void Deframe(benchmark::State& state) {
  const auto size = static_cast<size_t>(state.range(0));
  char prefix[ndx::transport::kMessagePrefixBytes];
  ndx::transport::WriteMessagePrefix(size, prefix);
  const std::string framed = std::string(prefix, sizeof prefix) + std::string(size, 'x');
  for (auto _ : state) {
    ndx::transport::MessageDeframer deframer({});
    absl::string_view bytes = framed;
    ndx::transport::Message message;
    while (!bytes.empty()) {
      if (!deframer.Feed(&bytes, &message).ok()) state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(message);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(framed.size()));
}
BENCHMARK(Deframe)->Arg(100)->Arg(4 << 10)->Arg(1 << 20);

void RequestMetadata(benchmark::State& state) {
  for (auto _ : state) {
    ndx::transport::Metadata metadata;
    bool added = metadata.AddFromWire("ndx-purpose", "giai-quyet-tthc").ok();
    added &= metadata.AddFromWire("ndx-dossier", "H55.242-20260105-0007").ok();
    added &= metadata.AddFromWire("ndx-signature-bin", std::string(88, 'A')).ok();
    added &=
        metadata
            .AddFromWire("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            .ok();
    if (!added) state.SkipWithError("refused");
    benchmark::DoNotOptimize(metadata);
  }
}
BENCHMARK(RequestMetadata);

// What crosses the node of a caller's metadata, copied for the provider's call.
void MetadataAcross(benchmark::State& state) {
  const ndx::transport::Metadata metadata{{"ndx-purpose", "giai-quyet-tthc"},
                                          {"ndx-dossier", "H55.242-20260105-0007"},
                                          {"x-request-id", "0199d3a0-5a1b-7c3d-8e4f"},
                                          {"accept-language", "vi"}};
  for (auto _ : state) benchmark::DoNotOptimize(ndx::broker::AcrossNode(metadata));
}
BENCHMARK(MetadataAcross);

// The trailers of an answer: exchange id, and a receipt of so many bytes as it stands on the wire.
void AnswerTrailers(benchmark::State& state) {
  const std::string receipt(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    ndx::transport::Metadata trailers;
    trailers.Add("ndx-exchange-id", "0199d3a0-5a1b-7c3d-8e4f-0123456789ab");
    trailers.Add("ndx-receipt-bin", receipt);
    benchmark::DoNotOptimize(trailers);
    benchmark::DoNotOptimize(ndx::transport::EncodeBase64(receipt));
  }
}
BENCHMARK(AnswerTrailers)->Arg(800)->Arg(2400);

void StatusMessage(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        ndx::transport::PercentEncode("VN:GOV:H55:mot-cua chưa có quyền khai thác"));
  }
}
BENCHMARK(StatusMessage);

}  // namespace
