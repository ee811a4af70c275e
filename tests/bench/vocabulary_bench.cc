// What every exchange pays for its names: ids made and read, system ids from certificates, error
// texts.
#include <benchmark/benchmark.h>

#include "ndx/core/exchange_id.h"
#include "ndx/core/refusal.h"
#include "ndx/core/system_clock.h"
#include "ndx/core/system_id.h"
#include "ndx/core/system_random.h"

namespace {

void ExchangeIdGenerate(benchmark::State& state) {
  const ndx::core::SystemClock clock;
  ndx::core::SystemRandom random;
  for (auto _ : state) benchmark::DoNotOptimize(ndx::core::ExchangeId::Generate(clock, random));
}
BENCHMARK(ExchangeIdGenerate);

void ExchangeIdParse(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(ndx::core::ExchangeId::Parse("0199d3a0-5a1b-7c3d-8e4f-0123456789ab"));
  }
}
BENCHMARK(ExchangeIdParse);

void SystemIdFromUri(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(ndx::core::SystemId::ParseUri("ndx://VN/GOV/H55.242/mot-cua"));
  }
}
BENCHMARK(SystemIdFromUri);

void RefusalText(benchmark::State& state) {
  ndx::core::Refusal refusal;
  refusal.reason = ndx::exchange::v1::ERROR_REASON_NO_GRANT;
  refusal.parameters = {
      {"system", "VN:GOV:H55:mot-cua"}, {"method", "LookUpCitizen"}, {"owner", "G01"}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(ndx::core::TextOf(refusal, ndx::core::Language::kVietnamese));
  }
}
BENCHMARK(RefusalText);

}  // namespace
