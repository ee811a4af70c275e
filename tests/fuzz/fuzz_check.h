// What a fuzz target says when a property does not hold: libFuzzer takes the trap for a finding and
// keeps the input.
#pragma once

#define FUZZ_CHECK(condition)           \
  do {                                  \
    if (!(condition)) __builtin_trap(); \
  } while (false)
