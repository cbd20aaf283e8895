// Rows of dx from those of its phases, which a horizontal stride takes apart: each a map of its
// own, whose cells are neighbours there.
#pragma once

#include "convgrad/status.h"

namespace convgrad::kernels {

// One row of every output channel: phases[stride][...], `phase_pitch` floats apart, to
// out[columns]; added to what stands there or not.
void interleave_phases(const float* phases, Index phase_pitch, Index stride, Index columns,
                       bool accumulate, float* out);

}  // namespace convgrad::kernels
