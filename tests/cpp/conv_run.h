// Runs one convolution both ways on guarded buffers and checks what must hold whatever the numbers:
// status ok, exactly the workspace asked for, nothing written elsewhere, inputs unchanged.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "buffers.h"
#include "case_table.h"
#include "compare.h"
#include "fill.h"

namespace convgrad::test {

// The algorithms that apply to a shape: bit-equal to the reference on small integers all but one.
inline std::vector<Algorithm> exact_conv_algorithms(const Conv2dShape& shape) {
  std::vector<Algorithm> algorithms(std::begin(kAlgorithms), std::end(kAlgorithms));
  if (shape.r == 3 && shape.s == 3 && shape.stride_h == 1 && shape.stride_w == 1 &&
      shape.dilation_h == 1 && shape.dilation_w == 1) {
    algorithms.push_back(Algorithm::kWinograd);
  }
  return algorithms;
}
inline std::vector<Algorithm> conv_algorithms(const Conv2dShape& shape) {
  std::vector<Algorithm> algorithms = exact_conv_algorithms(shape);
  if (algorithms.back() == Algorithm::kWinograd) algorithms.push_back(Algorithm::kWinograd4);
  return algorithms;
}

// Winograd's algorithms compute a tile of a map [h][w] at a time, from sums that its elements
// share: the largest of a tile sets the scale of the error of all.
inline Terms spread_over_tiles(Terms terms, Index h, Index w, Index tile) {
  std::vector<double> largest(terms.magnitude.size(), 0.0);
  const auto corner = [&](Index i) {
    const Index row = i / w, column = i % w;  // rows of all maps
    return (row - row % h % tile) * w + column - column % tile;
  };
  const Index count = static_cast<Index>(terms.magnitude.size());
  for (Index i = 0; i < count; ++i) {
    largest[corner(i)] = std::max(largest[corner(i)], terms.magnitude[i]);
  }
  for (Index i = 0; i < count; ++i) terms.magnitude[i] = largest[corner(i)];
  return terms;
}

// y or dx, maps [h][w], by `algorithm` against the truth.
inline void check_maps(const std::string& what, Algorithm algorithm, Fill fill, Index h, Index w,
                       const std::vector<float>& got, const Terms& want) {
  const double tolerance = fill == Fill::kSigned ? kSignedTolerance : kPositiveTolerance;
  if (algorithm == Algorithm::kWinograd4) {
    check_close(what, got, spread_over_tiles(want, h, w, 4), kWinograd4Tolerance);
  } else if (fill == Fill::kIntegers) {
    check_equal(what, got, want.sum);
  } else if (algorithm == Algorithm::kWinograd) {
    check_close(what, got, spread_over_tiles(want, h, w, 2), tolerance);
  } else {
    check_close(what, got, want, tolerance);
  }
}

struct ConvData {
  std::vector<float> x, w, b, dy;

  ConvData(const Conv2dShape& shape, Fill fill, std::uint32_t seed) {
    Random random(seed);
    x = random.floats(shape.x_size(), fill);
    w = random.floats(shape.w_size(), fill);
    b = random.floats(shape.k, fill);
    dy = random.floats(shape.y_size(), fill);
  }
};

inline std::vector<float> run_forward(const std::string& what, const Conv2dShape& shape,
                                      Algorithm algorithm, const ConvData& data,
                                      bool with_bias = true) {
  const ConvData before = data;
  std::size_t bytes = 0;
  REQUIRE(conv2d_forward_workspace(shape, algorithm, &bytes) == Status::kOk);
  GuardedWorkspace workspace(bytes);
  Guarded<float> y(shape.y_size());
  CHECK_MESSAGE(
      conv2d_forward(shape, algorithm, data.x.data(), data.w.data(),
                     with_bias ? data.b.data() : nullptr, y.data(), workspace.get()) == Status::kOk,
      what);
  CHECK_MESSAGE((y.intact() && workspace.intact()), what << ": wrote outside its buffers");
  CHECK_MESSAGE((data.x == before.x && data.w == before.w && data.b == before.b), what);
  return y.values();
}

struct ConvGradients {
  std::vector<float> dx, dw, db;
};

struct Need {
  bool dx = true, dw = true, db = true;
};

inline ConvGradients run_backward(const std::string& what, const Conv2dShape& shape,
                                  Algorithm algorithm, const ConvData& data,
                                  Reduction reduction = Reduction::kSum, Need need = {}) {
  const ConvData before = data;
  Guarded<float> dx(shape.x_size()), dw(shape.w_size()), db(shape.k);
  const Conv2dGradients gradients{need.dx ? dx.data() : nullptr, need.dw ? dw.data() : nullptr,
                                  need.db ? db.data() : nullptr};
  std::size_t bytes = 0;
  REQUIRE(conv2d_backward_workspace(shape, algorithm, gradients, &bytes) == Status::kOk);
  GuardedWorkspace workspace(bytes);
  CHECK_MESSAGE(conv2d_backward(
                    shape, algorithm, reduction, data.dy.data(), need.dw ? data.x.data() : nullptr,
                    need.dx ? data.w.data() : nullptr, gradients, workspace.get()) == Status::kOk,
                what);
  CHECK_MESSAGE((dx.intact() && dw.intact() && db.intact() && workspace.intact()),
                what << ": wrote outside its buffers");
  CHECK_MESSAGE((need.dx || dx.untouched()), what << ": wrote dx");
  CHECK_MESSAGE((need.dw || dw.untouched()), what << ": wrote dw");
  CHECK_MESSAGE((need.db || db.untouched()), what << ": wrote db");
  CHECK_MESSAGE((data.x == before.x && data.w == before.w && data.dy == before.dy), what);
  return {dx.values(), dw.values(), db.values()};
}

inline std::string describe(const std::string& name, const std::string& params,
                            Algorithm algorithm) {
  return name + " (" + params + "), " + to_string(algorithm);
}

}  // namespace convgrad::test
