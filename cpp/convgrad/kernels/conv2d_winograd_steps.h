// The transforms of Winograd's convolution, a vector of kernels or tiles at a time, for either of
// its tiles, 2x2 and 4x4: all that depends on it when compiling.
#pragma once

#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

inline constexpr Index kMostWinogradTile = 4;
// Products of a tile: the cells of its patch.
inline constexpr Index winograd_products(Index tile) { return (tile + 2) * (tile + 2); }

// `lanes` kernels of 3x3 that lie lane_pitch apart, a kernel a lane -> out[products], `pitch`
// apart. Lanes behind them repeat the last.
void winograd_kernels(Index tile, const float* w, Index lane_pitch, Index lanes, bool rotated,
                      float* out, Index pitch);

// Patches whose rows lie pitches[lane] apart -> out[products], `pitch` apart.
void winograd_inputs(Index tile, const float* const (&corners)[simd::kLanes],
                     const Index (&pitches)[simd::kLanes], float* out, Index pitch);

// products[products], a row of a register tile apart from each other, + start -> rows[tile], the
// tiles of a row side by side.
void winograd_outputs(Index tile, const float* products, float start, float* rows,
                      FiniteCheck* finite);

}  // namespace convgrad::kernels
