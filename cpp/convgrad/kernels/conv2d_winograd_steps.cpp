#include "convgrad/kernels/conv2d_winograd_steps.h"

#include <algorithm>

#include "convgrad/kernels/conv2d_winograd_transform.h"

namespace convgrad::kernels {
namespace {

template <int kTile>
void transform_kernels(const float* w, Index lane_pitch, Index lanes, bool rotated, float* out,
                       Index pitch) {
  constexpr int kPatch = kTile + 2;
  const float* sources[simd::kLanes];
  for (Index lane = 0; lane < simd::kLanes; ++lane) {
    sources[lane] = w + std::min(lane, lanes - 1) * lane_pitch;
  }
  simd::Vec taps[9];
  simd::load_transposed(sources, taps);
  const simd::Vec* tap = rotated ? taps + 8 : taps;
  const Index step = rotated ? -1 : 1;
  transform_square<3, kPatch>(
      Winograd<kTile>::kernel,
      [&](int, simd::Vec(&row)[3]) {
        CONVGRAD_UNROLL
        for (simd::Vec& value : row) {
          value = *tap;
          tap += step;
        }
      },
      [&](int column, const simd::Vec(&done)[kPatch]) {
        CONVGRAD_UNROLL
        for (int i = 0; i < kPatch; ++i) simd::store(out + (i * kPatch + column) * pitch, done[i]);
      });
}

template <int kTile>
void transform_inputs(const float* const (&corners)[simd::kLanes],
                      const Index (&pitches)[simd::kLanes], float* out, Index pitch) {
  constexpr int kPatch = kTile + 2;
  transform_square<kPatch, kPatch>(
      Winograd<kTile>::input,
      [&](int i, simd::Vec(&row)[kPatch]) {
        const float* sources[simd::kLanes];
        CONVGRAD_UNROLL
        for (Index lane = 0; lane < simd::kLanes; ++lane) {
          sources[lane] = corners[lane] + i * pitches[lane];
        }
        simd::load_transposed(sources, row);
      },
      [&](int column, const simd::Vec(&done)[kPatch]) {
        CONVGRAD_UNROLL
        for (int i = 0; i < kPatch; ++i) simd::store(out + (i * kPatch + column) * pitch, done[i]);
      });
}

template <int kTile>
void transform_outputs(const float* products, float start, float* rows, FiniteCheck* finite) {
  constexpr int kPatch = kTile + 2;
  FiniteCheck check = *finite;
  transform_square<kPatch, kTile>(
      Winograd<kTile>::output,
      [&](int column, simd::Vec(&line)[kPatch]) {
        CONVGRAD_UNROLL
        for (int i = 0; i < kPatch; ++i) {
          line[i] = simd::load(products + (i * kPatch + column) * kTileRows * kTileColumns);
        }
      },
      [&](int row, simd::Vec(&done)[kTile]) {
        CONVGRAD_UNROLL
        for (simd::Vec& sum : done) {
          sum = sum + simd::broadcast(start);
          check.add(sum);
        }
        simd::store_transposed(rows + row * kTile * simd::kLanes, done);
      });
  *finite = check;
}

}  // namespace

void winograd_kernels(Index tile, const float* w, Index lane_pitch, Index lanes, bool rotated,
                      float* out, Index pitch) {
  if (tile == 2) return transform_kernels<2>(w, lane_pitch, lanes, rotated, out, pitch);
  transform_kernels<4>(w, lane_pitch, lanes, rotated, out, pitch);
}

void winograd_inputs(Index tile, const float* const (&corners)[simd::kLanes],
                     const Index (&pitches)[simd::kLanes], float* out, Index pitch) {
  if (tile == 2) return transform_inputs<2>(corners, pitches, out, pitch);
  transform_inputs<4>(corners, pitches, out, pitch);
}

void winograd_outputs(Index tile, const float* products, float start, float* rows,
                      FiniteCheck* finite) {
  if (tile == 2) return transform_outputs<2>(products, start, rows, finite);
  transform_outputs<4>(products, start, rows, finite);
}

}  // namespace convgrad::kernels
