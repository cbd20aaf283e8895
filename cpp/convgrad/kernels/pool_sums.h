// Sums over any windows of a band. They are separable: the rows of taps are added column by column,
// then the columns.
#pragma once

#include "convgrad/status.h"

namespace convgrad::kernels {

// Rows of sums, each of `terms` rows of floats.
struct SumRows {
  const float* from;  // the first term of the first row
  Index pitch;        // floats from there to the next row's
  Index rows;
  Index terms, step;  // floats from term to term
  Index columns;      // at least a vector
  Index stride;       // floats from the terms of one column to those of the next: 1 or 2
};

// to[i * to_pitch + j] = sum over t of from[i * pitch + j * stride + t * step], divided by
// divisors[j] * row_divisors[i] where there are any.
void add_rows(const SumRows& sums, const float* divisors, const float* row_divisors, float* to,
              Index to_pitch);

}  // namespace convgrad::kernels
