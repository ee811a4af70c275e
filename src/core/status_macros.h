// Propagation of absl::Status, and the check for the program's own bugs.
//
//   NDX_RETURN_IF_ERROR(expr);            returns the Status of expr unless it is OK
//   NDX_ASSIGN_OR_RETURN(auto x, expr);   x = value of the StatusOr expr, or returns its Status
//   NDX_CHECK(condition);                 aborts when the program itself is wrong; never for input
#pragma once

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define NDX_RETURN_IF_ERROR(expr)                             \
  do {                                                        \
    if (absl::Status ndx_status = (expr); !ndx_status.ok()) { \
      return ndx_status;                                      \
    }                                                         \
  } while (false)

#define NDX_CONCAT_INNER(a, b) a##b
#define NDX_CONCAT(a, b) NDX_CONCAT_INNER(a, b)
#define NDX_ASSIGN_OR_RETURN(lhs, expr) \
  NDX_ASSIGN_OR_RETURN_INNER(NDX_CONCAT(ndx_status_or_, __LINE__), lhs, expr)
#define NDX_ASSIGN_OR_RETURN_INNER(tmp, lhs, expr) \
  auto tmp = (expr);                               \
  if (!tmp.ok()) {                                 \
    return std::move(tmp).status();                \
  }                                                \
  lhs = *std::move(tmp)

#define NDX_CHECK(condition)                                                                 \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: NDX_CHECK(%s) failed\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
