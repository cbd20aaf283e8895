// The module's pool of threads, and which calls get it.
#pragma once

#include "convgrad/thread_pool.h"

namespace convgrad::bindings {

// What one thread gets done in a microsecond, at the least: for the estimate of a call's length.
inline constexpr double kMultiplyAddsPerMicrosecond = 20'000;
inline constexpr double kPooledElementsPerMicrosecond = 1'000;

// Calls that one thread does in less get no pool. Waking a sleeping thread takes 10 to 50 µs, which
// such a call would hardly win back, and might lose on a machine that is busy.
inline constexpr double kLeastMicroseconds = 100;

// The pool for a call of that estimated length, or null where one thread will do.
[[nodiscard]] ThreadPool* pool_for(double microseconds);

[[nodiscard]] inline int threads_of(const ThreadPool* pool) {
  return pool == nullptr ? 1 : pool->threads();
}

}  // namespace convgrad::bindings
