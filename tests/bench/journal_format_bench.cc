// What a leaf costs before it is written: its hash, and the tree over a group of leaves.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "ndx/journal/merkle.h"

namespace {

void LeafHash(benchmark::State& state) {
  const std::string leaf(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(ndx::journal::LeafHash(leaf));
}
BENCHMARK(LeafHash)->Arg(400)->Arg(1024)->Arg(4096);

void RootOfGroup(benchmark::State& state) {
  const std::vector<ndx::journal::TreeHash> leaves(static_cast<size_t>(state.range(0)),
                                                   ndx::journal::LeafHash("leaf"));
  for (auto _ : state) benchmark::DoNotOptimize(ndx::journal::RootOf(leaves));
}
BENCHMARK(RootOfGroup)->Arg(16)->Arg(256);

}  // namespace
