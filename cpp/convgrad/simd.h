// The only door to xsimd: one vector type for the architecture that the compile flags choose
// (4 lanes on WebAssembly and SSE2, 8 with AVX2, 16 with AVX-512), and the few operations that the
// kernels are written in. Loads and stores need no alignment.
#pragma once

#include <xsimd/xsimd.hpp>

#if defined(__wasm_relaxed_simd__)
#include <wasm_simd128.h>
#endif

#include <cassert>
#include <cstdint>

#include "convgrad/status.h"

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

inline float sum(Vec v) { return xsimd::reduce_add(v); }

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
// The first `count` < kLanes floats at p, zeros behind them; reads nothing behind them.
inline Vec load_first(const float* p, Index count) {
  alignas(64) float lanes[kLanes] = {};
  for (Index i = 0; i < count; ++i) lanes[i] = p[i];
  return load(lanes);
}

// out[j] = (rows[0][j], rows[1][j], ...): kCount >= 4 floats behind each of the pointers, a pointer
// a lane.
template <int kCount>
inline void load_transposed(const float* const (&rows)[kLanes], Vec (&out)[kCount]) {
  if constexpr (kLanes == 4) {
    for (int j = 0; j < kCount; j += 4) {
      // The last square may overlap the one before it.
      const int first = j + 4 <= kCount ? j : kCount - 4;
      Vec square[4] = {load(rows[0] + first), load(rows[1] + first), load(rows[2] + first),
                       load(rows[3] + first)};
      xsimd::transpose(square, square + 4);
      for (int i = 0; i < 4; ++i) out[first + i] = square[i];
    }
  } else {
    for (int j = 0; j < kCount; ++j) {
      alignas(64) float lanes[kLanes];
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
    for (int j = 0; j < kCount; ++j) {
      store(lanes, v[j]);
      for (Index i = 0; i < kLanes; ++i) p[i * pitch + j] = lanes[i];
    }
  }
}

// `count` rounded up to whole vectors.
inline constexpr Index round_up(Index count) { return (count + kLanes - 1) / kLanes * kLanes; }

}  // namespace convgrad::simd
