// The only door to xsimd: one vector type for the architecture that the compile flags choose
// (4 lanes on WebAssembly and SSE2, 8 with AVX2, 16 with AVX-512), and the few operations that the
// kernels are written in. Loads and stores need no alignment.
#pragma once

#include <xsimd/xsimd.hpp>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "convgrad/status.h"

// In front of the loops over a register tile, whose elements are registers only once no loop is
// left.
#if defined(__clang__)
#define CONVGRAD_UNROLL _Pragma("clang loop unroll(full)")
#else
#define CONVGRAD_UNROLL _Pragma("GCC unroll 16")
#endif

namespace convgrad::simd {

using Vec = xsimd::batch<float>;
using IntVec = xsimd::batch<std::int32_t>;
inline constexpr Index kLanes = static_cast<Index>(Vec::size);
static_assert(IntVec::size == Vec::size);

inline Vec load(const float* p) { return Vec::load_unaligned(p); }
inline IntVec load(const std::int32_t* p) { return IntVec::load_unaligned(p); }
inline void store(float* p, Vec v) { v.store_unaligned(p); }
inline void store(std::int32_t* p, IntVec v) { v.store_unaligned(p); }
inline Vec broadcast(float value) { return Vec(value); }
inline IntVec broadcast(std::int32_t value) { return IntVec(value); }
// first, others, others, ...
template <typename T>
inline xsimd::batch<T> with_first(T first, T others) {
  return xsimd::insert(xsimd::batch<T>(others), first, xsimd::index<0>());
}

// a * b + c, rounded once where the architecture does so at full speed, else twice.
inline Vec multiply_add(Vec a, Vec b, Vec c) {
#if defined(__wasm_relaxed_simd__)
  // xsimd has no relaxed operations: its fma on WebAssembly is a product and a sum.
  return Vec(wasm_f32x4_relaxed_madd(a, b, c));
#else
  return xsimd::fma(a, b, c);
#endif
}

// 0, 1, 2, ...
inline IntVec lane_numbers() {
  static constexpr std::int32_t kNumbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  static_assert(kLanes <= 16);
  return load(kNumbers);
}

// Lane by lane, where `condition` holds, a, else b.
inline Vec select(xsimd::batch_bool<float> condition, Vec a, Vec b) {
  return xsimd::select(condition, a, b);
}
inline IntVec select(xsimd::batch_bool<float> condition, IntVec a, IntVec b) {
  return xsimd::select(xsimd::batch_bool_cast<std::int32_t>(condition), a, b);
}

// Rows of four columns to columns of four rows. Only where a vector has four lanes.
inline void transpose(Vec (&v)[4]) {
  const Vec a = xsimd::zip_lo(v[0], v[2]), b = xsimd::zip_hi(v[0], v[2]);
  const Vec c = xsimd::zip_lo(v[1], v[3]), d = xsimd::zip_hi(v[1], v[3]);
  v[0] = xsimd::zip_lo(a, c);
  v[1] = xsimd::zip_hi(a, c);
  v[2] = xsimd::zip_lo(b, d);
  v[3] = xsimd::zip_hi(b, d);
}

// b where it is larger, else a: so of equals, such as the two zeros, the first. Which of the two
// where one is NaN is up to the architecture.
inline Vec larger(Vec a, Vec b) {
#if defined(__wasm_simd128__)
  return xsimd::max(a, b);
#elif defined(__SSE2__)
  return xsimd::max(b, a);
#else
  return select(b > a, b, a);
#endif
}

// b where it is smaller, else a.
inline Vec smaller(Vec a, Vec b) {
#if defined(__wasm_simd128__)
  return Vec(wasm_f32x4_pmin(a, b));
#else
  return select(b < a, b, a);
#endif
}

// The same bits.
inline Vec as_floats(IntVec v) { return xsimd::bitwise_cast<float>(v); }
inline IntVec as_integers(Vec v) { return xsimd::bitwise_cast<std::int32_t>(v); }

inline bool all_equal(IntVec a, IntVec b) { return xsimd::all(a == b); }

// -1 where they are equal, else 0.
inline IntVec minus_one_where_equal(IntVec a, IntVec b) {
#if defined(__wasm_simd128__)
  return IntVec(wasm_i32x4_eq(a, b));
#else
  return xsimd::select(a == b, broadcast(std::int32_t{-1}), broadcast(std::int32_t{0}));
#endif
}
// For floats of the same bits: the units for integers have less to do.
inline IntVec minus_one_where_same(Vec a, Vec b) {
  return minus_one_where_equal(as_integers(a), as_integers(b));
}

// v where `mask` is -1, 0 where it is 0.
inline Vec keep(IntVec mask, Vec v) { return as_floats(mask & as_integers(v)); }

// `at` where `same` is -1, `later` where it is 0.
inline IntVec place_of(IntVec same, IntVec at, IntVec later) {
#if defined(__wasm_relaxed_simd__)
  return IntVec(wasm_i32x4_relaxed_laneselect(at, later, same));
#elif defined(__wasm_simd128__)
  return IntVec(wasm_v128_bitselect(at, later, same));
#else
  return xsimd::select(same != broadcast(std::int32_t{0}), at, later);
#endif
}

// The least `at` of the lanes where v is largest.
inline std::int32_t first_of_largest(Vec v, IntVec at) {
  const IntVec last(std::numeric_limits<std::int32_t>::max());
  return xsimd::reduce_min(select(v == Vec(xsimd::reduce_max(v)), at, last));
}

// One instruction or two of every architecture, from a list of positions in (a, b).
template <std::size_t... kAt>
inline Vec pick(Vec a, Vec b, std::index_sequence<kAt...>) {
  return Vec(__builtin_shufflevector(a.data, b.data, kAt...));
}
template <std::size_t kFirst, std::size_t... kLane>
inline Vec every_other(Vec a, Vec b, std::index_sequence<kLane...>) {
  return pick(a, b, std::index_sequence<(kFirst + 2 * kLane)...>{});
}
template <std::size_t kFirst, std::size_t... kLane>
inline Vec alternate(Vec a, Vec b, std::index_sequence<kLane...>) {
  return pick(a, b, std::index_sequence<(kFirst + kLane / 2 + kLane % 2 * Vec::size)...>{});
}
using LaneSequence = std::make_index_sequence<Vec::size>;

// The elements of a, then those of b: the even ones of them, the odd ones of them.
inline Vec even_elements(Vec a, Vec b) { return every_other<0>(a, b, LaneSequence{}); }
inline Vec odd_elements(Vec a, Vec b) { return every_other<1>(a, b, LaneSequence{}); }
// v[1], v[2], ..., next[0].
template <std::size_t... kLane>
inline Vec shift_in(Vec v, Vec next, std::index_sequence<kLane...>) {
  return pick(v, next, std::index_sequence<(kLane + 1)...>{});
}
inline Vec shift_in(Vec v, Vec next) { return shift_in(v, next, LaneSequence{}); }
// a0 b0 a1 b1 ...: the first half of them, the second half.
inline Vec interleave_low(Vec a, Vec b) { return alternate<0>(a, b, LaneSequence{}); }
inline Vec interleave_high(Vec a, Vec b) { return alternate<Vec::size / 2>(a, b, LaneSequence{}); }

inline float sum(Vec v) { return xsimd::reduce_add(v); }

// sums[count] += values[count], an even count.
inline void add_to_doubles(const float* values, Index count, double* sums) {
  using Floats [[gnu::vector_size(8)]] = float;
  using Doubles [[gnu::vector_size(16)]] = double;
  for (Index i = 0; i < count; i += 2) {
    Floats value;
    Doubles sum;
    std::memcpy(&value, values + i, sizeof value);
    std::memcpy(&sum, sums + i, sizeof sum);
    sum += __builtin_convertvector(value, Doubles);
    std::memcpy(sums + i, &sum, sizeof sum);
  }
}

// The first `count` < kLanes lanes of v, and nothing behind them.
inline void store_first(float* p, Vec v, Index count) {
  alignas(64) float lanes[kLanes];
  store(lanes, v);
  for (Index i = 0; i < count; ++i) p[i] = lanes[i];
}
inline void store_first(std::int32_t* p, IntVec v, Index count) {
  alignas(64) std::int32_t lanes[kLanes];
  store(lanes, v);
  for (Index i = 0; i < count; ++i) p[i] = lanes[i];
}
// The first `count` < kLanes elements at p, zeros behind them; reads nothing behind them.
template <typename T>
inline auto load_first(const T* p, Index count) {
  alignas(64) T lanes[kLanes] = {};
  for (Index i = 0; i < count; ++i) lanes[i] = p[i];
  return load(lanes);
}

// out[j] = (rows[0][j], rows[1][j], ...): kCount >= 4 floats behind each of the pointers, a pointer
// a lane.
template <int kCount>
inline void load_transposed(const float* const (&rows)[kLanes], Vec (&out)[kCount]) {
  if constexpr (kLanes == 4) {
    CONVGRAD_UNROLL
    for (int j = 0; j < kCount; j += 4) {
      // The last square may overlap the one before it.
      const int first = j + 4 <= kCount ? j : kCount - 4;
      Vec square[4] = {load(rows[0] + first), load(rows[1] + first), load(rows[2] + first),
                       load(rows[3] + first)};
      xsimd::transpose(square, square + 4);
      for (int i = 0; i < 4; ++i) out[first + i] = square[i];
    }
  } else {
    CONVGRAD_UNROLL
    for (int j = 0; j < kCount; ++j) {
      alignas(64) float lanes[kLanes];
      CONVGRAD_UNROLL
      for (Index i = 0; i < kLanes; ++i) lanes[i] = rows[i][j];
      out[j] = load(lanes);
    }
  }
}

// p[lane * pitch + j] = v[j][lane], kCount floats a lane; two only without gaps.
template <int kCount>
inline void store_transposed(float* p, const Vec (&v)[kCount], Index pitch = kCount) {
  assert(kCount != 2 || pitch == 2);
  if constexpr (kLanes == 4 && kCount == 4) {
    Vec square[4] = {v[0], v[1], v[2], v[3]};
    xsimd::transpose(square, square + 4);
    for (int i = 0; i < 4; ++i) store(p + i * pitch, square[i]);
  } else if constexpr (kCount == 2) {
    store(p, xsimd::zip_lo(v[0], v[1]));
    store(p + kLanes, xsimd::zip_hi(v[0], v[1]));
  } else {
    alignas(64) float lanes[kLanes];
    CONVGRAD_UNROLL
    for (int j = 0; j < kCount; ++j) {
      store(lanes, v[j]);
      CONVGRAD_UNROLL
      for (Index i = 0; i < kLanes; ++i) p[i * pitch + j] = lanes[i];
    }
  }
}

// `count` rounded up to whole vectors.
inline constexpr Index round_up(Index count) { return (count + kLanes - 1) / kLanes * kLanes; }

}  // namespace convgrad::simd
