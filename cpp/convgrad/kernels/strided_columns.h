// Columns of a row: parts of them in vectors, and from and to where a window's stride takes them,
// the two directions of lowering.
#pragma once

#include <algorithm>

#include "convgrad/simd.h"
#include "convgrad/status.h"

namespace convgrad::kernels {

// The first `count` lanes; all of them when count is larger.
[[gnu::always_inline]] inline void store_columns(float* p, simd::Vec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
[[gnu::always_inline]] inline void store_columns(std::int32_t* p, simd::IntVec v, Index count) {
  if (count >= simd::kLanes) return simd::store(p, v);
  simd::store_first(p, v, count);
}
[[gnu::always_inline]] inline simd::Vec load_columns(const float* p, Index count) {
  return count >= simd::kLanes ? simd::load(p) : simd::load_first(p, count);
}
[[gnu::always_inline]] inline simd::IntVec load_columns(const std::int32_t* p, Index count) {
  return count >= simd::kLanes ? simd::load(p) : simd::load_first(p, count);
}

// Calls visit(at) for vectors that together cover the columns [0, count): the last one reaches back
// over columns already done rather than behind the end. One vector at 0 where even that is wider.
template <typename Visit>
inline void for_each_vector(Index count, Visit visit) {
  const Index last = std::max<Index>(count - simd::kLanes, 0);
  for (Index at = 0; at < count; at += simd::kLanes) visit(std::min(at, last));
}

// out[i] = source[i] for i in [0, count). Not by for_each_vector(), half as fast here.
inline void copy_columns(const float* source, Index count, float* out) {
  Index i = 0;
  for (; i + simd::kLanes <= count; i += simd::kLanes) simd::store(out + i, simd::load(source + i));
  if (i > 0) {
    const Index last = count - simd::kLanes;
    return simd::store(out + last, simd::load(source + last));
  }
  for (; i < count; ++i) out[i] = source[i];
}

// out[i] = 0 for i in [0, count).
void clear_columns(float* out, Index count);

// out[i] = source[i * stride] for i in [0, count).
inline void gather_columns(const float* source, Index stride, Index count, float* out) {
  if (stride == 1) return copy_columns(source, count, out);
  Index i = 0;
  if (stride == 2 && count > simd::kLanes) {
    // Nothing is read behind the last element; the last vector reaches back over columns already
    // done, and each of its loads by a float.
    for (; i + simd::kLanes < count; i += simd::kLanes) {
      const float* from = source + 2 * i;
      simd::store(out + i, simd::even_elements(simd::load(from), simd::load(from + simd::kLanes)));
    }
    i = count - simd::kLanes;
    const float* from = source + 2 * i - 1;
    return simd::store(out + i,
                       simd::odd_elements(simd::load(from), simd::load(from + simd::kLanes)));
  }
  for (; i < count; ++i) out[i] = source[i * stride];
}

// out[i * stride] += source[i] for i in [0, count).
inline void add_columns(const float* source, Index stride, Index count, float* out) {
  Index i = 0;
  if (stride == 1) {
    for (; i + simd::kLanes <= count; i += simd::kLanes) {
      simd::store(out + i, simd::load(out + i) + simd::load(source + i));
    }
  } else if (stride == 2) {
    // Not the last vector: it would write the column behind the last.
    const simd::Vec zero = simd::broadcast(0.0f);
    for (; i + simd::kLanes < count; i += simd::kLanes) {
      const simd::Vec added = simd::load(source + i);
      float* to = out + 2 * i;
      simd::store(to, simd::load(to) + simd::interleave_low(added, zero));
      to += simd::kLanes;
      simd::store(to, simd::load(to) + simd::interleave_high(added, zero));
    }
  }
  for (; i < count; ++i) out[i * stride] += source[i];
}

}  // namespace convgrad::kernels
