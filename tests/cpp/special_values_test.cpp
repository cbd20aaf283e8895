// Infinities, NaN, ties and padding: where a fast kernel that multiplies padding, or compares
// carelessly, gives itself away.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "buffers.h"
#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// y or dx: within the tolerance of the algorithm where the truth is finite everywhere; else the
// reference has computed it.
void check_maps_or_equal(const std::string& what, Algorithm algorithm, Index h, Index w,
                         const std::vector<float>& got, const Terms& want) {
  const bool finite = std::all_of(want.sum.begin(), want.sum.end(),
                                  [](double value) { return std::isfinite(value); });
  if (finite) {
    check_maps(what, algorithm, Fill::kIntegers, h, w, got, want);
  } else {
    check_equal(what, got, want.sum);
  }
}

// Padding contributes nothing: what a tap in the padding would be multiplied with does not matter.
TEST_CASE("infinite and NaN factors give what the definition gives, on every algorithm") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    if (shape.n == 0 || shape.y_size() * shape.group_c() * shape.r * shape.s > 60'000) continue;
    for (const float special : {kInfinity, -kInfinity, kNan}) {
      for (const auto tensor : {&ConvData::x, &ConvData::w, &ConvData::dy}) {
        ConvData data(shape, Fill::kIntegers, 47);
        std::vector<float>& values = data.*tensor;
        // The last element, and one in the middle: a tail and a full vector.
        values.back() = special;
        values[values.size() / 2] = special;
        const NaiveConv want =
            naive_conv(item.params, shape, data.x, data.w, data.b, data.dy, Reduction::kSum);
        for (const Algorithm algorithm : conv_algorithms(shape)) {
          const std::string what = describe(item.name, to_string(item.params), algorithm) +
                                   ", with " + std::to_string(special);
          std::size_t bytes = 0, backward_bytes = 0;
          Guarded<float> y(shape.y_size()), dx(shape.x_size()), dw(shape.w_size()), db(shape.k);
          const Conv2dGradients gradients{dx.data(), dw.data(), db.data()};
          REQUIRE(conv2d_forward_workspace(shape, algorithm, &bytes) == Status::kOk);
          REQUIRE(conv2d_backward_workspace(shape, algorithm, gradients, &backward_bytes) ==
                  Status::kOk);
          GuardedWorkspace workspace(std::max(bytes, backward_bytes));
          REQUIRE(conv2d_forward(shape, algorithm, data.x.data(), data.w.data(), data.b.data(),
                                 y.data(), workspace.get()) == Status::kOk);
          REQUIRE(conv2d_backward(shape, algorithm, Reduction::kSum, data.dy.data(), data.x.data(),
                                  data.w.data(), gradients, workspace.get()) == Status::kOk);
          check_maps_or_equal(what + ", y", algorithm, shape.oh, shape.ow, y.values(), want.y);
          check_maps_or_equal(what + ", dx", algorithm, shape.h, shape.w, dx.values(), want.dx);
          check_equal(what + ", dw", dw.values(), want.dw.sum);
          check_equal(what + ", db", db.values(), want.db.sum);
        }
      }
    }
  }
}

struct MaxResult {
  std::vector<float> y;
  std::vector<std::int32_t> indices;
};

MaxResult max_pool(const Pool2dShape& shape, Algorithm algorithm, const std::vector<float>& x) {
  std::size_t bytes = 0;
  REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
  GuardedWorkspace workspace(bytes);
  Guarded<float> y(shape.y_size());
  Guarded<std::int32_t> indices(shape.y_size());
  REQUIRE(max_pool2d_forward(shape, algorithm, x.data(), y.data(), indices.data(),
                             workspace.get()) == Status::kOk);
  return {y.values(), indices.values()};
}

TEST_CASE("NaN comes through max pooling from any place, in any lane and tail") {
  for (std::int32_t w = 1; w <= 33; ++w) {
    const Pool2dParams params{
        .h = 3, .w = w, .kernel_h = 3, .kernel_w = 2, .pad_top = 1, .pad_left = 1, .pad_right = 1};
    const Pool2dShape shape = shape_of(params);
    for (Index at = 0; at < shape.x_size(); ++at) {
      std::vector<float> x(shape.x_size(), 5.0f);
      x[at] = kNan;
      // A later NaN and an infinity do not displace the first.
      if (at + 1 < shape.x_size()) x[at + 1] = at % 2 == 0 ? kNan : kInfinity;
      const NaivePool want = naive_pool(params, shape, x, std::vector<float>(shape.y_size(), 1.0f));
      for (const Algorithm algorithm : kAlgorithms) {
        const std::string what = "width " + std::to_string(w) + ", NaN at " + std::to_string(at) +
                                 ", " + to_string(algorithm);
        const MaxResult got = max_pool(shape, algorithm, x);
        check_equal(what, got.y, want.max);
        check_equal(what + ", indices", got.indices, want.indices);
      }
    }
  }
}

// The shapes of the kernels' own inner loops: NaN, infinities of both signs, in planes that are
// negative elsewhere.
TEST_CASE("special values at every position of small and padded planes") {
  const std::vector<Pool2dParams> all = {
      windows(3, 2, {.c = 2, .h = 7, .w = 9}),    windows(3, 1, {.c = 2, .h = 5, .w = 7}),
      windows(2, 2, {.c = 2, .h = 4, .w = 9}),    windows(2, 1, {.c = 2, .h = 4, .w = 6}),
      windows(5, 1, {.c = 2, .h = 5, .w = 5}),    windows(3, 3, {.c = 2, .h = 7, .w = 13}),
      padded(1, windows(3, 2, {.h = 5, .w = 50}))};
  for (const Pool2dParams& params : all) {
    const Pool2dShape shape = shape_of(params);
    const std::vector<float> dy(shape.y_size(), 1.0f);
    for (Index at = 0; at < shape.x_size(); ++at) {
      for (const float special : {kNan, kInfinity, -kInfinity}) {
        Random random(static_cast<std::uint32_t>(at + 1));
        std::vector<float> x = random.floats(shape.x_size(), Fill::kIntegers);
        for (float& value : x) value -= 100.0f;
        x[at] = special;
        const NaivePool want = naive_pool(params, shape, x, dy);
        for (const Algorithm algorithm : kAlgorithms) {
          const std::string what = to_string(params) + ", " + std::to_string(special) + " at " +
                                   std::to_string(at) + ", " + to_string(algorithm);
          const MaxResult got = max_pool(shape, algorithm, x);
          check_equal(what, got.y, want.max);
          check_equal(what + ", indices", got.indices, want.indices);
        }
      }
    }
  }
}

// Planes that img2col takes in several runs, and threads in several tasks.
TEST_CASE("special values at the beginning, in the middle and at the end of large planes") {
  const Pool2dParams params = padded(1, windows(3, 2, {.c = 2, .h = 71, .w = 63}));
  const Pool2dShape shape = shape_of(params);
  const std::vector<float> dy(shape.y_size(), 1.0f);
  const Index plane = shape.h * shape.w;
  for (const Index at : {Index{0}, plane / 2, plane - 1, plane, 2 * plane - 1}) {
    for (const float special : {kNan, kInfinity, -kInfinity}) {
      std::vector<float> x = Random(51).floats(shape.x_size(), Fill::kIntegers);
      x[at] = special;
      const NaivePool want = naive_pool(params, shape, x, dy);
      for (const Algorithm algorithm : kAlgorithms) {
        const std::string what =
            std::to_string(special) + " at " + std::to_string(at) + ", " + to_string(algorithm);
        const MaxResult got = max_pool(shape, algorithm, x);
        check_equal(what, got.y, want.max);
        check_equal(what + ", indices", got.indices, want.indices);
      }
    }
  }
}

// Two equal maxima at every pair of places of a window: the one in the earlier row wins, whatever
// the columns; of two zeros its sign comes with it.
TEST_CASE("ties across rows and columns, at every pair of a window's places") {
  for (const std::int32_t stride : {1, 2, 3}) {
    const Pool2dParams params{
        .h = 9, .w = 15, .kernel_h = 3, .kernel_w = 3, .stride_h = stride, .stride_w = stride};
    const Pool2dShape shape = shape_of(params);
    const auto place = [&](Index tap) { return (2 + tap / 3) * shape.w + 6 + tap % 3; };
    for (Index a = 0; a < 9; ++a) {
      for (Index b = a + 1; b < 9; ++b) {
        std::vector<float> x(shape.x_size(), -1.0f);
        x[place(a)] = -0.0f;
        x[place(b)] = 0.0f;
        const NaivePool want =
            naive_pool(params, shape, x, std::vector<float>(shape.y_size(), 1.0f));
        for (const Algorithm algorithm : kAlgorithms) {
          const std::string what = "stride " + std::to_string(stride) + ", ties at " +
                                   std::to_string(a) + " and " + std::to_string(b) + ", " +
                                   to_string(algorithm);
          const MaxResult got = max_pool(shape, algorithm, x);
          check_equal(what, got.indices, want.indices);
          for (Index i = 0; i < shape.y_size(); ++i) {
            CHECK_MESSAGE(std::signbit(got.y[i]) == std::signbit(x[got.indices[i]]), what);
          }
        }
      }
    }
  }
}

TEST_CASE("ties go to the first maximum in row-major order") {
  const Pool2dParams params = windows(3, 2, {.h = 5, .w = 21});
  const Pool2dShape shape = shape_of(params);
  for (const Algorithm algorithm : kAlgorithms) {
    const MaxResult got = max_pool(shape, algorithm, std::vector<float>(shape.x_size(), -2.0f));
    for (Index i = 0; i < shape.y_size(); ++i) {
      CHECK(got.y[i] == -2.0f);
      CHECK(got.indices[i] == i / shape.ow * 2 * 21 + i % shape.ow * 2);
    }
    // -0 and +0 are equal: the first of them wins.
    std::vector<float> zeros(shape.x_size(), 0.0f);
    zeros[0] = -0.0f;
    const MaxResult of_zeros = max_pool(shape, algorithm, zeros);
    CHECK(of_zeros.indices[0] == 0);
    CHECK(std::signbit(of_zeros.y[0]));
    // Also when it is in a later column of an earlier row.
    std::vector<float> apart(shape.x_size(), -1.0f);
    apart[2] = -0.0f;
    apart[21] = 0.0f;
    const MaxResult of_apart = max_pool(shape, algorithm, apart);
    CHECK(of_apart.indices[0] == 2);
    CHECK(std::signbit(of_apart.y[0]));
  }
}

TEST_CASE("padding never wins: negative windows, and windows of nothing but -inf") {
  const Pool2dParams params = windows(3, 2,
                                      {.n = 1,
                                       .c = 2,
                                       .h = 6,
                                       .w = 18,
                                       .pad_top = 1,
                                       .pad_left = 2,
                                       .pad_bottom = 2,
                                       .pad_right = 1});
  const Pool2dShape shape = shape_of(params);
  for (const float value : {-1e30f, -kInfinity}) {
    const std::vector<float> x(shape.x_size(), value);
    const NaivePool want = naive_pool(params, shape, x, std::vector<float>(shape.y_size(), 1.0f));
    for (const Algorithm algorithm : kAlgorithms) {
      const MaxResult got = max_pool(shape, algorithm, x);
      check_equal(to_string(algorithm), got.y, want.max);
      check_equal(to_string(algorithm) + ", indices", got.indices, want.indices);
    }
  }
}

}  // namespace
}  // namespace convgrad::test
