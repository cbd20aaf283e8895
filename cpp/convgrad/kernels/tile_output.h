// From the memory of a register tile to where its sums belong.
#pragma once

#include "convgrad/kernels/tile.h"

namespace convgrad::kernels {

// Where a tile's lines go: rows of several output channels or of one.
struct TileOutput {
  float* out;   // first line, column 0
  Index pitch;  // floats to the next line
  bool accumulate;
};

// What of a tile is wanted: lines [first_line, lines), columns [first_column, columns).
struct TilePart {
  Index first_line, lines, first_column, columns;
};

// Writes or adds a part of sums[lines][kTileColumns].
void store_part(const TileOutput& to, const TilePart& part, const float* sums);

}  // namespace convgrad::kernels
