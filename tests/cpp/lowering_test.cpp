// im2col, col2im, rot180 and zero_insert, against their definitions and against each other.
#include <doctest/doctest.h>

#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

// col[(n, oh, ow), (c, r, s)], written out.
std::vector<float> naive_im2col(const Conv2dParams& p, const Conv2dShape& shape,
                                const std::vector<float>& x) {
  std::vector<float> col;
  for (Index row = 0; row < shape.n * shape.oh * shape.ow; ++row) {
    const Index n = row / (shape.oh * shape.ow), cell = row % (shape.oh * shape.ow);
    for (Index column = 0; column < shape.c * shape.r * shape.s; ++column) {
      const Index c = column / (shape.r * shape.s), tap = column % (shape.r * shape.s);
      const Index ih = cell / shape.ow * p.stride_h + tap / shape.s * p.dilation_h - p.pad_top;
      const Index iw = cell % shape.ow * p.stride_w + tap % shape.s * p.dilation_w - p.pad_left;
      const bool inside = ih >= 0 && ih < p.h && iw >= 0 && iw < p.w;
      col.push_back(inside ? x[((n * p.c + c) * p.h + ih) * p.w + iw] : 0.0f);
    }
  }
  return col;
}

TEST_CASE("im2col is the matrix of the windows, col2im its adjoint") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    const Index size = shape.n * shape.oh * shape.ow * shape.c * shape.r * shape.s;
    if (size > 400'000) continue;
    Random random(41);
    const std::vector<float> x = random.floats(shape.x_size(), Fill::kIntegers);
    const std::vector<float> dcol = random.floats(size, Fill::kIntegers);
    Guarded<float> col(size), dx(shape.x_size());
    CHECK(im2col(shape, x.data(), col.data()) == Status::kOk);
    CHECK(col2im(shape, dcol.data(), dx.data()) == Status::kOk);
    CHECK_MESSAGE((col.intact() && dx.intact()), item.name);
    const std::vector<float> lowered = col.values(), scattered = dx.values();
    check_equal(item.name + ", im2col", lowered, naive_im2col(item.params, shape, x));
    double left = 0.0, right = 0.0;
    for (Index i = 0; i < size; ++i) {
      left += static_cast<double>(lowered[i]) * static_cast<double>(dcol[i]);
    }
    for (Index i = 0; i < shape.x_size(); ++i) {
      right += static_cast<double>(x[i]) * static_cast<double>(scattered[i]);
    }
    CHECK_MESSAGE(left == right, item.name << ": <im2col(x), dcol> = <x, col2im(dcol)>");
  }
}

TEST_CASE("the whole matrix times col_w is the convolution") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    const Index depth = shape.c * shape.r * shape.s, plane = shape.oh * shape.ow;
    if (shape.groups != 1 || shape.n * plane * depth > 100'000) continue;
    const ConvData data(shape, Fill::kIntegers, 43);
    std::vector<float> col(shape.n * plane * depth), want(shape.y_size());
    REQUIRE(im2col(shape, data.x.data(), col.data()) == Status::kOk);
    for (Index row = 0; row < shape.n * plane; ++row) {
      for (Index k = 0; k < shape.k; ++k) {
        float sum = 0.0f;
        for (Index d = 0; d < depth; ++d) sum += col[row * depth + d] * data.w[k * depth + d];
        want[(row / plane * shape.k + k) * plane + row % plane] = sum;
      }
    }
    check_equal(item.name, run_forward(item.name, shape, Algorithm::kIm2col, data, false), want);
  }
}

TEST_CASE("rot180 turns every plane by 180 degrees; twice is nothing") {
  const std::vector<float> w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  Guarded<float> once(12), twice(12);
  REQUIRE(rot180(2, 2, 3, w.data(), once.data()) == Status::kOk);
  check_equal("rot180", once.values(), std::vector<float>{6, 5, 4, 3, 2, 1, 12, 11, 10, 9, 8, 7});
  REQUIRE(rot180(2, 2, 3, once.data(), twice.data()) == Status::kOk);
  check_equal("rot180 twice", twice.values(), w);
  CHECK((once.intact() && twice.intact()));
  CHECK(rot180(1, 0, 3, w.data(), once.data()) == Status::kBadArgument);
}

TEST_CASE("zero_insert puts stride - 1 zeros between neighbours") {
  const std::vector<float> dy = {1, 2, 3, 4, 5, 6};
  Guarded<float> out(2 * 1 * 7);
  REQUIRE(zero_insert(2, 1, 3, 5, 3, dy.data(), out.data()) == Status::kOk);
  check_equal("1x3 by 5x3", out.values(),
              std::vector<float>{1, 0, 0, 2, 0, 0, 3, 4, 0, 0, 5, 0, 0, 6});
  CHECK(out.intact());
  Guarded<float> tall(5 * 2);
  REQUIRE(zero_insert(1, 3, 2, 2, 1, dy.data(), tall.data()) == Status::kOk);
  check_equal("3x2 by 2x1", tall.values(), std::vector<float>{1, 2, 0, 0, 3, 4, 0, 0, 5, 6});
  CHECK(zero_insert(1, 3, 2, 0, 1, dy.data(), tall.data()) == Status::kBadArgument);
}

}  // namespace
}  // namespace convgrad::test
