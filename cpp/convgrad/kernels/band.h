// Bands: some rows of a plane, copied so that a kernel can read every column it needs with plain
// vector loads: padding is there as numbers, columns are sorted by their residue modulo the stride,
// and every row ends in room for a last, partly used vector.
#pragma once

#include "convgrad/simd.h"

namespace convgrad::kernels {

struct Band {
  Index h, w;       // extents of the source plane
  Index col_begin;  // source column of the first copied column; negative in the padding
  Index phases;     // stride: copied column j of phase p is source column col_begin + p + phases*j
  Index phase_pitch;             // floats from one phase of a row to the next
  float padding;                 // what stands outside the plane
  Index copied_phases = phases;  // the others are not needed
  Index row_step = 1;            // source rows from one copied row to the next

  [[nodiscard]] Index row_pitch() const { return copied_phases * phase_pitch; }

  // Copies `rows` source rows from row_begin on of `plane`[h, w] to `out`[rows, row_pitch].
  void copy(const float* plane, Index row_begin, Index rows, float* out) const;

 private:
  // Every phases-th column of `row`[w] from column `first` on.
  void copy_phase(const float* row, Index first, float* out) const;
};

}  // namespace convgrad::kernels
