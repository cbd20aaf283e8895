// What the pooling kernels share of rows: moving columns between a row of a plane and one in which
// neighbouring windows are neighbours, sums of rows, and groups of planes as tasks for threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "convgrad/kernels/parallel.h"
#include "convgrad/shape.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// The first `count` lanes; all of them when count is larger.
inline void store_columns(float* p, simd::Vec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
inline void store_columns(std::int32_t* p, simd::IntVec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
inline simd::Vec load_columns(const float* p, Index count) {
  return count >= simd::kLanes ? simd::load(p) : simd::load_first(p, count);
}

// Calls visit(at) for vectors that together cover the columns [0, count): the last one reaches back
// over columns already done rather than behind the end. One vector at 0 where even that is wider.
template <typename Visit>
inline void for_each_vector(Index count, Visit visit) {
  const Index last = std::max<Index>(count - simd::kLanes, 0);
  for (Index at = 0; at < count; at += simd::kLanes) visit(std::min(at, last));
}

// out[i] = source[i * stride] for i in [0, count). Answers a sum over all of them, which is NaN if
// one of them is (and also where infinities of both signs meet).
inline simd::Vec gather_columns(const float* source, Index stride, Index count, float* out) {
  simd::Vec sum = simd::broadcast(0.0f);
  Index i = 0;
  if (stride == 1) {
    for (; i + simd::kLanes <= count; i += simd::kLanes) {
      const simd::Vec v = simd::load(source + i);
      sum += v;
      simd::store(out + i, v);
    }
  } else if (stride == 2) {
    // Not the last vector: it would read the column behind the last.
    for (; i + simd::kLanes < count; i += simd::kLanes) {
      const float* from = source + 2 * i;
      const simd::Vec v = simd::even_elements(simd::load(from), simd::load(from + simd::kLanes));
      sum += v;
      simd::store(out + i, v);
    }
  }
  float rest = 0.0f;
  for (; i < count; ++i) {
    out[i] = source[i * stride];
    rest += out[i];
  }
  return sum + simd::broadcast(rest);
}

// Calls run.template operator()<taps>() for the usual kernel extents, <0> for all others.
template <typename Run>
inline void with_taps(Index taps, Run run) {
  if (taps == 2) return run.template operator()<2>();
  if (taps == 3) return run.template operator()<3>();
  run.template operator()<0>();
}

// The sum of the vectors at rows + offsets[0 ... count - 1]; kTaps is count, or 0.
template <int kTaps>
inline simd::Vec sum_of(const float* rows, const Index* offsets, Index count) {
  simd::Vec total = simd::load(rows + offsets[0]);
  for (Index i = 1; i < (kTaps > 0 ? kTaps : count); ++i) total += simd::load(rows + offsets[i]);
  return total;
}

// out[length] = the sum of the rows[length] that begin at rows + offsets[0 ... count - 1].
inline void sum_rows(const float* rows, const Index* offsets, Index count, Index length,
                     float* out) {
  with_taps(count, [&]<int kTaps>() {
    for_each_vector(length, [&](Index at) {
      store_columns(out + at, sum_of<kTaps>(rows + at, offsets, count), length - at);
    });
  });
}

// Floats of input that make a task worth a thread's while.
inline constexpr Index kTaskFloats = 32 * 1024;

// Calls run(first plane, end, scratch), whose scratch memory of `bytes` no other thread has.
template <typename Run>
inline void for_each_plane_group(const Pool2dShape& shape, const Workspace& workspace,
                                 std::int64_t bytes, Run run) {
  const Index planes = shape.planes();
  const Index group = std::clamp<Index>(kTaskFloats / (shape.h * shape.w), 1, planes);
  parallel_for(workspace, (planes + group - 1) / group, [&](Index task, int worker) {
    run(task * group, std::min(planes, (task + 1) * group),
        static_cast<std::byte*>(workspace.data) + worker * bytes);
  });
}

}  // namespace convgrad::kernels
