#include "convgrad/kernels/band.h"

#include <algorithm>

namespace convgrad::kernels {

void Band::copy_phase(const float* row, Index first, float* out) const {
  // Columns j in [begin, end) lie inside the row.
  const Index begin = std::clamp<Index>((-first + phases - 1) / phases, 0, phase_pitch);
  const Index end = std::clamp<Index>((w - first + phases - 1) / phases, begin, phase_pitch);
  for (Index j = 0; j < begin; ++j) out[j] = padding;
  const float* source = row + first;
  Index j = begin;
  if (phases == 1) {
    // By hand: rows are short, and a call of memmove for each costs more than the copy.
    for (; j + simd::kLanes <= end; j += simd::kLanes) {
      simd::store(out + j, simd::load(source + j));
    }
  } else if (phases == 2) {
    // Two whole vectors of the row, the last of which is not needed: it is the other phase's.
    for (; j + simd::kLanes < end; j += simd::kLanes) {
      simd::store(out + j, simd::even_elements(simd::load(source + 2 * j),
                                               simd::load(source + 2 * j + simd::kLanes)));
    }
  }
  for (; j < end; ++j) out[j] = source[phases * j];
  for (; j < phase_pitch; ++j) out[j] = padding;
}

void Band::copy(const float* plane, Index row_begin, Index rows, float* out) const {
  for (Index i = 0; i < rows; ++i) {
    const Index row = row_begin + i * row_step;
    float* target = out + i * row_pitch();
    if (row < 0 || row >= h) {
      std::fill_n(target, row_pitch(), padding);
      continue;
    }
    for (Index p = 0; p < copied_phases; ++p) {
      copy_phase(plane + row * w, col_begin + p, target + p * phase_pitch);
    }
  }
}

}  // namespace convgrad::kernels
