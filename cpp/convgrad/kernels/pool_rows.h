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

// Where the rows of a window begin, in registers where their number is known: kTaps; or 0.
template <int kTaps>
class Rows {
 public:
  Rows(const float* plane, const Index* row_starts, Index count)
      : count_(count), plane_(plane), row_starts_(row_starts) {
    std::copy_n(row_starts, kKept, starts_);
  }
  [[nodiscard]] Index count() const { return kTaps > 0 ? kTaps : count_; }
  [[nodiscard]] Index start(Index r) const { return kTaps > 0 ? starts_[r] : row_starts_[r]; }
  [[nodiscard]] const float* at(Index r, Index iw) const { return plane_ + start(r) + iw; }

 private:
  static constexpr Index kKept = kTaps > 0 ? kTaps : 1;
  Index count_;
  const float* plane_;
  const Index* row_starts_;
  Index starts_[kKept];
};

// Calls visit.template operator()<vectors>(at, width) for blocks of two vectors, or of one where
// the row is narrower than that, that together cover the columns [0, width).
template <typename Visit>
inline void for_each_block(Index width, Visit visit) {
  constexpr Index kTwo = 2 * simd::kLanes;
  if (width < kTwo) {
    return for_each_vector(width, [&](Index at) { visit.template operator()<1>(at); });
  }
  Index at = 0;
  for (; at + kTwo < width; at += kTwo) visit.template operator()<2>(at);
  visit.template operator()<2>(width - kTwo);
}

// A vector of a block of for_each_block: only one that stands alone can be wider than its row.
template <int kVecs, typename T>
inline auto load_block(const T* p, Index width) {
  if constexpr (kVecs == 1) {
    return load_columns(p, width);
  } else {
    return simd::load(p);
  }
}
template <int kVecs, typename T, typename V>
inline void store_block(T* p, V v, Index width) {
  if constexpr (kVecs == 1) {
    store_columns(p, v, width);
  } else {
    simd::store(p, v);
  }
}

// The steps of the kernels are not inlined, and copy what they need of a shape or an array before
// their loops: a vector store may alias anything, and would have it all loaded again.

// The sum of each column down `count` rows.
[[gnu::noinline]] inline void sum_down(const float* plane, Index width, const Index* row_starts,
                                       Index count, float* values) {
  with_taps(count, [&]<int kTaps>() {
    const Rows<kTaps> rows(plane, row_starts, count);
    for_each_block(width, [&]<int kVecs>(Index iw) {
      simd::Vec total[kVecs];
      for (Index v = 0; v < kVecs; ++v) {
        total[v] = load_block<kVecs>(rows.at(0, iw) + v * simd::kLanes, width);
      }
      for (Index r = 1; r < rows.count(); ++r) {
        for (Index v = 0; v < kVecs; ++v) {
          total[v] += load_block<kVecs>(rows.at(r, iw) + v * simd::kLanes, width);
        }
      }
      for (Index v = 0; v < kVecs; ++v) {
        store_block<kVecs>(values + iw + v * simd::kLanes, total[v], width);
      }
    });
  });
}

// Rows of `pitch` floats, of `rows` in all, that a kernel computes before it turns to what it makes
// of them: as many as a quarter of the L1 cache holds. What it loads has then left the store queue.
inline Index rows_kept(Index rows, Index pitch) { return std::clamp<Index>(2048 / pitch, 1, rows); }

// Calls down(row) for `kept` rows, then along(row) for the same, until all are done.
template <typename Down, typename Along>
inline void for_each_kept(Index rows, Index kept, Down down, Along along) {
  for (Index begin = 0; begin < rows; begin += kept) {
    const Index end = std::min(rows, begin + kept);
    for (Index row = begin; row < end; ++row) down(row);
    for (Index row = begin; row < end; ++row) along(row);
  }
}

// Whether the plane falls into whole windows of 2x2, the commonest pooling, at least a vector of
// them in a row: then nothing needs sorting or keeping.
inline bool tiles_2x2(const Pool2dShape& shape) {
  return shape.kernel_h == 2 && shape.kernel_w == 2 && shape.stride_h == 2 && shape.stride_w == 2 &&
         shape.dilation_h == 1 && shape.dilation_w == 1 && (shape.pad_top | shape.pad_left) == 0 &&
         2 * shape.oh <= shape.h && 2 * shape.ow <= shape.w && shape.ow >= simd::kLanes;
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
