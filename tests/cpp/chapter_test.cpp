// The chapter's formulas, examples and acceptance tests, to the digit.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <tuple>

#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

std::vector<float> counting(Index count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

ConvData data_of(const Conv2dShape& shape, std::vector<float> x, std::vector<float> w,
                 std::vector<float> b, std::vector<float> dy) {
  ConvData data(shape, Fill::kIntegers, 1);
  data.x = std::move(x);
  data.w = std::move(w);
  data.b = std::move(b);
  data.dy = std::move(dy);
  return data;
}

// a 3x3, w 2x2, z 2x2: distinct primes, so that no two terms can be taken for one another.
TEST_CASE("formulas (1)-(7): every term") {
  const float a[3][3] = {{2, 3, 5}, {7, 11, 13}, {17, 19, 23}};
  const float w[2][2] = {{29, 31}, {37, 41}};
  const float delta[2][2] = {{43, 47}, {53, 59}};
  const float b = 61;
  const Conv2dShape shape = shape_of({.h = 3, .w = 3, .r = 2, .s = 2});
  const ConvData data =
      data_of(shape, {2, 3, 5, 7, 11, 13, 17, 19, 23}, {29, 31, 37, 41}, {b}, {43, 47, 53, 59});
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string what = to_string(algorithm);
    const std::vector<float> z = run_forward(what, shape, algorithm, data);
    const auto [w11, w12, w21, w22] = std::tuple{w[0][0], w[0][1], w[1][0], w[1][1]};
    CHECK(z[0] == w11 * a[0][0] + w12 * a[0][1] + w21 * a[1][0] + w22 * a[1][1] + b);  // (1)
    CHECK(z[1] == w11 * a[0][1] + w12 * a[0][2] + w21 * a[1][1] + w22 * a[1][2] + b);  // (2)
    CHECK(z[2] == w11 * a[1][0] + w12 * a[1][1] + w21 * a[2][0] + w22 * a[2][1] + b);  // (3)
    CHECK(z[3] == w11 * a[1][1] + w12 * a[1][2] + w21 * a[2][1] + w22 * a[2][2] + b);  // (4)
    const std::vector<float> da = run_backward(what, shape, algorithm, data).dx;
    const auto [d11, d12, d21, d22] =
        std::tuple{delta[0][0], delta[0][1], delta[1][0], delta[1][1]};
    CHECK(da[0] == d11 * w11);              // (5)
    CHECK(da[1] == d11 * w12 + d12 * w11);  // (6)
    CHECK(da[2] == d12 * w12);
    CHECK(da[3] == d11 * w21 + d21 * w11);
    CHECK(da[4] == d11 * w22 + d12 * w21 + d21 * w12 + d22 * w11);  // (7)
    CHECK(da[5] == d12 * w22 + d22 * w12);
    CHECK(da[6] == d21 * w21);
    CHECK(da[7] == d21 * w22 + d22 * w21);
    CHECK(da[8] == d22 * w22);
  }
}

TEST_CASE("formula (8): N x N weights want N - 1 rings of padding around delta_in") {
  for (const std::int32_t n : {2, 3, 5}) {
    const Conv2dShape shape = shape_of({.h = 10, .w = 8, .r = n, .s = n});
    const ConvData data(shape, Fill::kIntegers, 53);
    const Conv2dParams back{.h = static_cast<std::int32_t>(shape.oh),
                            .w = static_cast<std::int32_t>(shape.ow),
                            .r = n,
                            .s = n,
                            .pad_top = n - 1,
                            .pad_left = n - 1,
                            .pad_bottom = n - 1,
                            .pad_right = n - 1};
    const Conv2dShape back_shape = shape_of(back);
    REQUIRE(back_shape.oh == 10);
    REQUIRE(back_shape.ow == 8);
    std::vector<float> rotated(n * n);
    REQUIRE(rot180(1, n, n, data.w.data(), rotated.data()) == Status::kOk);
    const ConvData back_data = data_of(back_shape, data.dy, rotated, {0}, data.x);
    for (const Algorithm algorithm : kAlgorithms) {
      const std::string what = to_string(algorithm);
      check_equal(what, run_forward(what, back_shape, algorithm, back_data),
                  run_backward(what, shape, algorithm, data).dx);
    }
  }
}

TEST_CASE("10x8 * 5x5 is 6x4; 6x4 with 4 rings of padding is 14x12, * 5x5 is 10x8") {
  const Conv2dShape forward = shape_of({.h = 10, .w = 8, .r = 5, .s = 5});
  CHECK(forward.oh == 6);
  CHECK(forward.ow == 4);
  const Conv2dShape padded = shape_of({.h = 14, .w = 12, .r = 5, .s = 5});
  CHECK(padded.oh == 10);
  CHECK(padded.ow == 8);
  const Conv2dShape backward = shape_of({.h = 6,
                                         .w = 4,
                                         .r = 5,
                                         .s = 5,
                                         .pad_top = 4,
                                         .pad_left = 4,
                                         .pad_bottom = 4,
                                         .pad_right = 4});
  CHECK(backward.oh == 10);
  CHECK(backward.ow == 8);
}

TEST_CASE("the single-sample example") {
  const Conv2dShape shape = shape_of({.h = 3, .w = 3, .r = 2, .s = 2});
  const ConvData data = data_of(shape, counting(9), counting(4), {0}, counting(4));
  Guarded<float> col_x(16);
  REQUIRE(im2col(shape, data.x.data(), col_x.data()) == Status::kOk);
  check_equal("col_x", col_x.values(),
              std::vector<float>{0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8});
  // dcol = delta_in_2d * col_w^T
  std::vector<float> dcol;
  for (const float delta : data.dy) {
    for (const float weight : data.w) dcol.push_back(delta * weight);
  }
  check_equal("dcol", dcol, std::vector<float>{0, 0, 0, 0, 0, 1, 2, 3, 0, 2, 4, 6, 0, 3, 6, 9});
  const std::vector<float> delta_out = {0, 0, 1, 0, 4, 6, 4, 12, 9};
  Guarded<float> from_dcol(9);
  REQUIRE(col2im(shape, dcol.data(), from_dcol.data()) == Status::kOk);
  check_equal("col2img(dcol)", from_dcol.values(), delta_out);
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string what = to_string(algorithm);
    check_equal(what + ", forward", run_forward(what, shape, algorithm, data),
                std::vector<float>{19, 25, 37, 43});
    const ConvGradients got = run_backward(what, shape, algorithm, data);
    check_equal(what + ", dB", got.db, std::vector<float>{6});
    check_equal(what + ", dW", got.dw, std::vector<float>{19, 25, 37, 43});
    check_equal(what + ", delta_out", got.dx, delta_out);
  }
}

TEST_CASE("the batch example: 2x3x3x3, two filters, divided by the batch") {
  const Conv2dShape shape = shape_of({.n = 2, .c = 3, .h = 3, .w = 3, .k = 2, .r = 2, .s = 2});
  const ConvData data = data_of(shape, counting(54), counting(24), {0, 0}, counting(16));
  // delta_in_2d[8, 2] * col_w^T[2, 12]
  std::vector<float> dcol;
  for (Index row = 0; row < 8; ++row) {
    for (Index tap = 0; tap < 12; ++tap) {
      const Index n = row / 4, cell = row % 4;
      dcol.push_back(data.dy[n * 8 + cell] * data.w[tap] +
                     data.dy[n * 8 + 4 + cell] * data.w[12 + tap]);
    }
  }
  check_equal("dcol", dcol,
              std::vector<float>{
                  48,  52,  56,  60,  64,  68,  72,  76,  80,  84,  88,  92,  60,  66,  72,  78,
                  84,  90,  96,  102, 108, 114, 120, 126, 72,  80,  88,  96,  104, 112, 120, 128,
                  136, 144, 152, 160, 84,  94,  104, 114, 124, 134, 144, 154, 164, 174, 184, 194,
                  144, 164, 184, 204, 224, 244, 264, 284, 304, 324, 344, 364, 156, 178, 200, 222,
                  244, 266, 288, 310, 332, 354, 376, 398, 168, 192, 216, 240, 264, 288, 312, 336,
                  360, 384, 408, 432, 180, 206, 232, 258, 284, 310, 336, 362, 388, 414, 440, 466});
  const std::vector<float> dw = {564,  586,  630,  652,  762,  784,  828,  850,
                                 960,  982,  1026, 1048, 812,  850,  926,  964,
                                 1154, 1192, 1268, 1306, 1496, 1534, 1610, 1648};
  const std::vector<float> delta_out = {
      48,  112, 66,  128, 296,  172, 88,  200, 114, 64,  152, 90,  176, 408,  236, 120, 272, 154,
      80,  192, 114, 224, 520,  300, 152, 344, 194, 144, 320, 178, 352, 776,  428, 216, 472, 258,
      224, 488, 266, 528, 1144, 620, 312, 672, 362, 304, 656, 354, 704, 1512, 812, 408, 872, 466};
  Guarded<float> from_dcol(54);
  REQUIRE(col2im(shape, dcol.data(), from_dcol.data()) == Status::kOk);
  check_equal("col2img(dcol)", from_dcol.values(), delta_out);
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string what = to_string(algorithm);
    const ConvGradients got = run_backward(what, shape, algorithm, data, Reduction::kMean);
    check_equal(what + ", dW", got.dw, dw);
    check_equal(what + ", dB", got.db, std::vector<float>{22, 38});
    check_equal(what + ", delta_out", got.dx, delta_out);
  }
}

// The chapter's figure is not in its text; this picture shows what the text says of it: the largest
// of the first window is b, and with stride 1 the result is a heap of threes and fours.
TEST_CASE("pooling: max and mean, forward and backward, stride 2 and 1") {
  const std::vector<float> x = {1, 4, 2, 3, 2, 3, 3, 1, 3, 1, 4, 2, 2, 3, 1, 4};
  for (const Algorithm algorithm : kAlgorithms) {
    const auto pool = [&](std::int32_t stride, const std::vector<float>& want_max,
                          const std::vector<float>& want_mean, const std::vector<float>& delta,
                          const std::vector<float>& want_dx_max,
                          const std::vector<float>& want_dx_mean) {
      const Pool2dShape shape = shape_of(
          {.h = 4, .w = 4, .kernel_h = 2, .kernel_w = 2, .stride_h = stride, .stride_w = stride});
      CHECK(shape.ow == (4 - 2) / stride + 1);
      std::size_t bytes = 0;
      REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
      GuardedWorkspace workspace(bytes);
      Guarded<float> max(shape.y_size()), mean(shape.y_size()), dx_max(16), dx_mean(16);
      Guarded<std::int32_t> indices(shape.y_size());
      REQUIRE(max_pool2d_forward(shape, algorithm, x.data(), max.data(), indices.data(),
                                 workspace.get()) == Status::kOk);
      REQUIRE(max_pool2d_backward(shape, algorithm, delta.data(), indices.data(), dx_max.data(),
                                  workspace.get()) == Status::kOk);
      REQUIRE(avg_pool2d_forward(shape, algorithm, x.data(), mean.data(), workspace.get()) ==
              Status::kOk);
      REQUIRE(avg_pool2d_backward(shape, algorithm, delta.data(), dx_mean.data(),
                                  workspace.get()) == Status::kOk);
      const std::string what = to_string(algorithm) + ", stride " + std::to_string(stride);
      check_equal(what + ", max", max.values(), want_max);
      check_equal(what + ", mean", mean.values(), want_mean);
      check_equal(what + ", dx of max", dx_max.values(), want_dx_max);
      check_equal(what + ", dx of mean", dx_mean.values(), want_dx_mean);
    };
    pool(2, {4, 3, 3, 4}, {2.5f, 2.25f, 2.25f, 2.75f}, {1, 2, 3, 4},
         {0, 1, 0, 2, 0, 0, 0, 0, 3, 0, 4, 0, 0, 0, 0, 0},
         {0.25f, 0.25f, 0.5f, 0.5f, 0.25f, 0.25f, 0.5f, 0.5f, 0.75f, 0.75f, 1, 1, 0.75f, 0.75f, 1,
          1});
    // Overlapping windows: the 4 at row 0 wins two of them, and their gradients add.
    pool(1, {4, 4, 3, 3, 4, 4, 3, 4, 4}, {2.5f, 3, 2.25f, 2.25f, 2.75f, 2.5f, 2.25f, 2.25f, 2.75f},
         {1, 1, 1, 1, 1, 1, 1, 1, 1}, {0, 2, 0, 1, 0, 1, 0, 0, 1, 0, 4, 0, 0, 0, 0, 0},
         {0.25f, 0.5f, 0.5f, 0.25f, 0.5f, 1, 1, 0.5f, 0.5f, 1, 1, 0.5f, 0.25f, 0.5f, 0.5f, 0.25f});
  }
}

// forward, backward, dW, dB: True. The chapter compares with atol 1e-7 in float64; float32 gets a
// tolerance in units of the terms, against a double computation.
TEST_CASE("the chapter's convolution test: both methods agree, forward, backward, dW, dB") {
  const Conv2dParams params{.n = 64,
                            .c = 3,
                            .h = 28,
                            .w = 28,
                            .k = 4,
                            .r = 3,
                            .s = 3,
                            .pad_top = 1,
                            .pad_left = 1,
                            .pad_bottom = 1,
                            .pad_right = 1};
  const Conv2dShape shape = shape_of(params);
  ConvData data(shape, Fill::kSigned, 59);
  std::fill(data.dy.begin(), data.dy.end(), 1.0f);
  const NaiveConv want =
      naive_conv(params, shape, data.x, data.w, data.b, data.dy, Reduction::kMean);
  for (const Algorithm algorithm : {Algorithm::kDirect, Algorithm::kIm2col}) {
    const std::string what = to_string(algorithm);
    check_close(what + ", forward", run_forward(what, shape, algorithm, data), want.y,
                kSignedTolerance);
    const ConvGradients got = run_backward(what, shape, algorithm, data, Reduction::kMean);
    check_close(what + ", backward", got.dx, want.dx, kSignedTolerance);
    check_close(what + ", dW", got.dw, want.dw, kSignedTolerance);
    check_close(what + ", dB", got.db, want.db, kSignedTolerance);
  }
}

TEST_CASE("the chapter's pooling test: both methods agree, forward, backward") {
  const Pool2dShape shape = shape_of({.n = 64,
                                      .c = 3,
                                      .h = 28,
                                      .w = 28,
                                      .kernel_h = 2,
                                      .kernel_w = 2,
                                      .stride_h = 2,
                                      .stride_w = 2});
  Random random(61);
  const std::vector<float> x = random.floats(shape.x_size(), Fill::kSigned);
  const std::vector<float> dy = random.floats(shape.y_size(), Fill::kPositive);
  std::vector<float> forward[2], backward[2];
  int method = 0;
  for (const Algorithm algorithm : {Algorithm::kDirect, Algorithm::kIm2col}) {
    std::size_t bytes = 0;
    REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
    GuardedWorkspace workspace(bytes);
    Guarded<float> y(shape.y_size()), dx(shape.x_size());
    Guarded<std::int32_t> indices(shape.y_size());
    REQUIRE(max_pool2d_forward(shape, algorithm, x.data(), y.data(), indices.data(),
                               workspace.get()) == Status::kOk);
    REQUIRE(max_pool2d_backward(shape, algorithm, dy.data(), indices.data(), dx.data(),
                                workspace.get()) == Status::kOk);
    forward[method] = y.values();
    backward[method++] = dx.values();
  }
  check_equal("forward", forward[0], forward[1]);
  check_equal("backward", backward[0], backward[1]);
}

}  // namespace
}  // namespace convgrad::test
