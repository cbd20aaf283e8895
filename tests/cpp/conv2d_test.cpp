// Convolution, forward and backward, every algorithm on every shape of the table against the naive
// double computation: == on integers, within the scaled tolerance on reals.
#include <doctest/doctest.h>

#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

void check_case(const ConvCase& item, Fill fill, Reduction reduction) {
  const Conv2dShape shape = shape_of(item.params);
  const ConvData data(shape, fill, 7);
  const NaiveConv want = naive_conv(item.params, shape, data.x, data.w, data.b, data.dy, reduction);
  for (const Algorithm algorithm : conv_algorithms(shape)) {
    const std::string what = describe(item.name, to_string(item.params), algorithm);
    const std::vector<float> y = run_forward(what, shape, algorithm, data);
    const ConvGradients got = run_backward(what, shape, algorithm, data, reduction);
    check_maps(what + ", y", algorithm, fill, shape.oh, shape.ow, y, want.y);
    check_maps(what + ", dx", algorithm, fill, shape.h, shape.w, got.dx, want.dx);
    if (fill == Fill::kIntegers) {
      check_equal(what + ", dw", got.dw, want.dw.sum);
      check_equal(what + ", db", got.db, want.db.sum);
    } else {
      const double tolerance = fill == Fill::kSigned ? kSignedTolerance : kPositiveTolerance;
      check_close(what + ", dw", got.dw, want.dw, tolerance);
      check_close(what + ", db", got.db, want.db, tolerance);
    }
  }
}

TEST_CASE("conv2d is exact on integers") {
  for (const ConvCase& item : conv_cases()) check_case(item, Fill::kIntegers, Reduction::kSum);
}

TEST_CASE("conv2d on signed reals stays within 4 units of its terms") {
  for (const ConvCase& item : conv_cases()) check_case(item, Fill::kSigned, Reduction::kSum);
}

TEST_CASE("conv2d on positive reals stays within 8 units of its terms") {
  for (const ConvCase& item : conv_cases()) check_case(item, Fill::kPositive, Reduction::kSum);
}

TEST_CASE("reduction mean divides dw and db by the batch, dx never") {
  for (const ConvCase& item : conv_cases()) {
    if (item.params.n > 1) check_case(item, Fill::kSigned, Reduction::kMean);
  }
}

// Long for one lane too: a band of rows is summed whole unless its sums are cut into blocks.
TEST_CASE("sums of up to 200,000 positive terms stay within 8 units") {
  const ConvCase deep{"200,000 terms of y", {.c = 25000, .h = 2, .w = 5, .k = 2, .r = 2, .s = 4}};
  const ConvCase large_map{"30,000 terms of dw", {.h = 300, .w = 107, .k = 8, .r = 1, .s = 8}};
  const ConvCase large_batch{"200,000 terms of dw", {.n = 200, .h = 33, .w = 33, .k = 2, .s = 2}};
  const ConvCase depthwise{"16,000 terms of depthwise dw",
                           {.c = 4, .h = 130, .w = 130, .k = 4, .r = 3, .s = 3, .groups = 4}};
  for (const ConvCase& item : {deep, large_map, large_batch, depthwise}) {
    check_case(item, Fill::kPositive, Reduction::kSum);
  }
}

TEST_CASE("without bias y has none") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    const ConvData data(shape, Fill::kIntegers, 3);
    const NaiveConv want =
        naive_conv(item.params, shape, data.x, data.w, {}, data.dy, Reduction::kSum);
    for (const Algorithm algorithm : conv_algorithms(shape)) {
      const std::string what = describe(item.name, to_string(item.params), algorithm);
      check_maps(what, algorithm, Fill::kIntegers, shape.oh, shape.ow,
                 run_forward(what, shape, algorithm, data, false), want.y);
    }
  }
}

TEST_CASE("each gradient alone and every combination") {
  for (const char* name : {"3x3 same", "groups", "dilation 3x2, stride 2x3"}) {
    for (const ConvCase& item : conv_cases()) {
      if (item.name != name) continue;
      const Conv2dShape shape = shape_of(item.params);
      const ConvData data(shape, Fill::kIntegers, 5);
      for (const Algorithm algorithm : conv_algorithms(shape)) {
        const std::string what = describe(item.name, to_string(item.params), algorithm);
        const ConvGradients all = run_backward(what, shape, algorithm, data);
        for (int mask = 0; mask < 8; ++mask) {
          const Need need{(mask & 1) != 0, (mask & 2) != 0, (mask & 4) != 0};
          const ConvGradients some =
              run_backward(what, shape, algorithm, data, Reduction::kSum, need);
          if (need.dx) check_equal(what + ", dx", some.dx, all.dx);
          if (need.dw) check_equal(what + ", dw", some.dw, all.dw);
          if (need.db) check_equal(what + ", db", some.db, all.db);
        }
      }
    }
  }
}

TEST_CASE("a workspace one byte too small is refused, and nothing is written") {
  for (const ConvCase& item : conv_cases()) {
    const Conv2dShape shape = shape_of(item.params);
    const ConvData data(shape, Fill::kIntegers, 5);
    for (const Algorithm algorithm : conv_algorithms(shape)) {
      Guarded<float> y(shape.y_size()), dx(shape.x_size()), dw(shape.w_size()), db(shape.k);
      const Conv2dGradients gradients{dx.data(), dw.data(), db.data()};
      std::size_t bytes = 0;
      REQUIRE(conv2d_forward_workspace(shape, algorithm, &bytes) == Status::kOk);
      if (bytes > 0) {
        GuardedWorkspace workspace(bytes - 1);
        CHECK(conv2d_forward(shape, algorithm, data.x.data(), data.w.data(), data.b.data(),
                             y.data(), workspace.get()) == Status::kWorkspaceTooSmall);
        CHECK(y.untouched());
      }
      REQUIRE(conv2d_backward_workspace(shape, algorithm, gradients, &bytes) == Status::kOk);
      if (bytes > 0) {
        GuardedWorkspace workspace(bytes - 1);
        CHECK(conv2d_backward(shape, algorithm, Reduction::kSum, data.dy.data(), data.x.data(),
                              data.w.data(), gradients,
                              workspace.get()) == Status::kWorkspaceTooSmall);
        CHECK((dx.untouched() && dw.untouched() && db.untouched()));
      }
    }
  }
}

TEST_CASE("Winograd's algorithms refuse what they do not apply to, and nothing is written") {
  const Conv2dParams good{.c = 2, .h = 7, .w = 8, .k = 3, .r = 3, .s = 3};
  Conv2dParams bad[] = {good, good, good, good, good, good};
  bad[0].r = 2;
  bad[1].s = 4;
  bad[2].stride_h = 2;
  bad[3].stride_w = 2;
  bad[4].dilation_h = 2;
  bad[5].dilation_w = 2;
  std::size_t bytes = 0;
  for (const Algorithm algorithm : {Algorithm::kWinograd, Algorithm::kWinograd4}) {
    CHECK(conv2d_forward_workspace(shape_of(good), algorithm, &bytes) == Status::kOk);
    for (const Conv2dParams& params : bad) {
      const Conv2dShape shape = shape_of(params);
      const ConvData data(shape, Fill::kIntegers, 5);
      Guarded<float> y(shape.y_size()), dx(shape.x_size()), dw(shape.w_size()), db(shape.k);
      const Conv2dGradients gradients{dx.data(), dw.data(), db.data()};
      CHECK(conv2d_forward_workspace(shape, algorithm, &bytes) == Status::kBadArgument);
      CHECK(conv2d_forward(shape, algorithm, data.x.data(), data.w.data(), nullptr, y.data(), {}) ==
            Status::kBadArgument);
      CHECK(conv2d_backward_workspace(shape, algorithm, gradients, &bytes) == Status::kBadArgument);
      CHECK(conv2d_backward(shape, algorithm, Reduction::kSum, data.dy.data(), data.x.data(),
                            data.w.data(), gradients, {}) == Status::kBadArgument);
      CHECK((y.untouched() && dx.untouched() && dw.untouched() && db.untouched()));
    }
  }
}

}  // namespace
}  // namespace convgrad::test
