#include "convgrad/kernels/interleave_phases.h"

#include "convgrad/simd.h"

namespace convgrad::kernels {

void interleave_phases(const float* phases, Index phase_pitch, Index stride, Index columns,
                       bool accumulate, float* out) {
  Index unit = 0;
  if (stride == 2) {
    const auto write = [=](float* to, simd::Vec v) {
      simd::store(to, accumulate ? v + simd::load(to) : v);
    };
    for (; 2 * (unit + simd::kLanes) <= columns; unit += simd::kLanes) {
      const simd::Vec even = simd::load(phases + unit);
      const simd::Vec odd = simd::load(phases + phase_pitch + unit);
      write(out + 2 * unit, simd::interleave_low(even, odd));
      write(out + 2 * unit + simd::kLanes, simd::interleave_high(even, odd));
    }
  }
  for (Index phase = 0; phase < stride; ++phase, phases += phase_pitch) {
    const float* from = phases + unit;
    for (Index i = unit * stride + phase; i < columns; i += stride, ++from) {
      out[i] = accumulate ? out[i] + *from : *from;
    }
  }
}

}  // namespace convgrad::kernels
