// Max and mean pooling, forward and backward, every algorithm on every shape of the table.
#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "buffers.h"
#include "compare.h"
#include "conv_run.h"

namespace convgrad::test {
namespace {

struct PoolResult {
  std::vector<float> max;
  std::vector<std::int32_t> indices;
  std::vector<float> dx_max, mean, dx_mean;
};

PoolResult run_pool(const std::string& what, const Pool2dShape& shape, Algorithm algorithm,
                    const std::vector<float>& x, const std::vector<float>& dy) {
  const std::vector<float> x_before = x, dy_before = dy;
  std::size_t bytes = 0;
  REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
  GuardedWorkspace workspace(bytes);
  Guarded<float> max(shape.y_size()), dx_max(shape.x_size()), mean(shape.y_size()),
      dx_mean(shape.x_size());
  Guarded<std::int32_t> indices(shape.y_size());
  CHECK(max_pool2d_forward(shape, algorithm, x.data(), max.data(), indices.data(),
                           workspace.get()) == Status::kOk);
  CHECK(max_pool2d_backward(shape, algorithm, dy.data(), indices.data(), dx_max.data(),
                            workspace.get()) == Status::kOk);
  CHECK(avg_pool2d_forward(shape, algorithm, x.data(), mean.data(), workspace.get()) ==
        Status::kOk);
  CHECK(avg_pool2d_backward(shape, algorithm, dy.data(), dx_mean.data(), workspace.get()) ==
        Status::kOk);
  CHECK_MESSAGE((max.intact() && indices.intact() && dx_max.intact() && mean.intact() &&
                 dx_mean.intact() && workspace.intact()),
                what << ": wrote outside its buffers");
  CHECK_MESSAGE((x == x_before && dy == dy_before), what << ": changed its inputs");
  return {max.values(), indices.values(), dx_max.values(), mean.values(), dx_mean.values()};
}

TEST_CASE("pooling: max exact, with its indices; mean within the tolerance of its terms") {
  for (const PoolCase& item : pool_cases()) {
    const Pool2dShape shape = shape_of(item.params);
    for (const Fill fill : {Fill::kIntegers, Fill::kSigned, Fill::kPositive}) {
      Random random(19);
      const std::vector<float> x = random.floats(shape.x_size(), fill);
      const std::vector<float> dy = random.floats(shape.y_size(), fill);
      const NaivePool want = naive_pool(item.params, shape, x, dy);
      const double tolerance = fill == Fill::kPositive ? kPositiveTolerance : kSignedTolerance;
      for (const Algorithm algorithm : kAlgorithms) {
        const std::string what = describe(item.name, to_string(item.params), algorithm);
        const PoolResult got = run_pool(what, shape, algorithm, x, dy);
        check_equal(what + ", max", got.max, want.max);
        check_equal(what + ", indices", got.indices, want.indices);
        if (fill == Fill::kIntegers) check_equal(what + ", dx of max", got.dx_max, want.dx_max.sum);
        check_close(what + ", dx of max", got.dx_max, want.dx_max, tolerance);
        check_close(what + ", mean", got.mean, want.mean, tolerance);
        check_close(what + ", dx of mean", got.dx_mean, want.dx_mean, tolerance);
      }
    }
  }
}

// Windows of 1, 2, 4, 8 ... taps divide integers exactly.
TEST_CASE("mean pooling is exact on integers where the divisor is a power of two") {
  for (const PoolCase& item : pool_cases()) {
    const Pool2dParams& p = item.params;
    const std::int32_t taps = p.kernel_h * p.kernel_w;
    if ((taps & (taps - 1)) != 0 || p.pad_top + p.pad_left + p.pad_bottom + p.pad_right > 0 ||
        p.ceil_mode) {
      continue;
    }
    const Pool2dShape shape = shape_of(p);
    Random random(23);
    const std::vector<float> x = random.floats(shape.x_size(), Fill::kIntegers);
    const std::vector<float> dy = random.floats(shape.y_size(), Fill::kIntegers);
    const NaivePool want = naive_pool(p, shape, x, dy);
    for (const Algorithm algorithm : kAlgorithms) {
      const std::string what = describe(item.name, to_string(p), algorithm);
      const PoolResult got = run_pool(what, shape, algorithm, x, dy);
      check_equal(what + ", mean", got.mean, want.mean.sum);
      check_equal(what + ", dx of mean", got.dx_mean, want.dx_mean.sum);
    }
  }
}

// x of distinct values, each once: no ties. J = <max(x), dy>; raising one x by less than the gap
// between neighbours moves J by exactly that much times its gradient.
TEST_CASE("exact differences: max pooling over distinct values") {
  const Pool2dParams params{.n = 1,
                            .c = 2,
                            .h = 7,
                            .w = 9,
                            .kernel_h = 3,
                            .kernel_w = 2,
                            .stride_h = 2,
                            .stride_w = 1,
                            .pad_top = 1,
                            .pad_left = 1};
  const Pool2dShape shape = shape_of(params);
  Random random(29);
  std::vector<float> x(shape.x_size());
  std::iota(x.begin(), x.end(), -60.0f);
  for (std::size_t i = x.size(); i-- > 1;) {
    std::swap(x[i], x[random.next() % (i + 1)]);
  }
  const std::vector<float> dy = random.floats(shape.y_size(), Fill::kIntegers);
  for (const Algorithm algorithm : kAlgorithms) {
    const std::string what = "distinct values, " + to_string(algorithm);
    const PoolResult base = run_pool(what, shape, algorithm, x, dy);
    const auto loss = [&](const std::vector<float>& y) {
      double sum = 0.0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        sum += static_cast<double>(y[i]) * static_cast<double>(dy[i]);
      }
      return sum;
    };
    for (std::size_t i = 0; i < x.size(); ++i) {
      std::vector<float> changed = x;
      changed[i] += 0.5f;
      const double difference =
          loss(run_pool(what, shape, algorithm, changed, dy).max) - loss(base.max);
      CHECK_MESSAGE(difference == 0.5 * static_cast<double>(base.dx_max[i]), what << ", x " << i);
    }
  }
}

TEST_CASE("adjoint identity of mean pooling, and the sum of a gradient is kept") {
  for (const PoolCase& item : pool_cases()) {
    if (item.params.count_include_pad) continue;
    const Pool2dShape shape = shape_of(item.params);
    Random random(31);
    const std::vector<float> x = random.floats(shape.x_size(), Fill::kSigned);
    const std::vector<float> dy = random.floats(shape.y_size(), Fill::kSigned);
    double dy_sum = 0.0, magnitude = 0.0;
    for (const float value : dy) {
      dy_sum += static_cast<double>(value);
      magnitude += std::fabs(static_cast<double>(value));
    }
    for (const Algorithm algorithm : kAlgorithms) {
      const std::string what = describe(item.name, to_string(item.params), algorithm);
      const PoolResult got = run_pool(what, shape, algorithm, x, dy);
      double left = 0.0, right = 0.0, mean_sum = 0.0, max_sum = 0.0;
      for (std::size_t i = 0; i < dy.size(); ++i) {
        left += static_cast<double>(got.mean[i]) * static_cast<double>(dy[i]);
      }
      for (std::size_t i = 0; i < x.size(); ++i) {
        right += static_cast<double>(x[i]) * static_cast<double>(got.dx_mean[i]);
        mean_sum += static_cast<double>(got.dx_mean[i]);
        max_sum += static_cast<double>(got.dx_max[i]);
      }
      const double allowed = 8.0 * 0x1p-23 * magnitude;
      CHECK_MESSAGE(std::fabs(left - right) <= allowed, what);
      CHECK_MESSAGE(std::fabs(mean_sum - dy_sum) <= allowed, what);
      CHECK_MESSAGE(std::fabs(max_sum - dy_sum) <= allowed, what);
    }
  }
}

TEST_CASE("max_pool2d_backward takes any index inside the plane and refuses others untouched") {
  const Pool2dShape shape =
      shape_of({.n = 2, .c = 2, .h = 4, .w = 5, .kernel_h = 2, .kernel_w = 2});
  Random random(37);
  const std::vector<float> dy = random.floats(shape.y_size(), Fill::kIntegers);
  for (const Algorithm algorithm : kAlgorithms) {
    std::size_t bytes = 0;
    REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
    GuardedWorkspace workspace(bytes);
    // All gradients of a plane to its last cell, which most windows do not contain.
    std::vector<std::int32_t> indices(shape.y_size(), 19);
    Guarded<float> dx(shape.x_size());
    REQUIRE(max_pool2d_backward(shape, algorithm, dy.data(), indices.data(), dx.data(),
                                workspace.get()) == Status::kOk);
    std::vector<float> want(shape.x_size(), 0.0f);
    for (Index i = 0; i < shape.y_size(); ++i) want[i / 12 * 20 + 19] += dy[i];
    check_equal(to_string(algorithm), dx.values(), want);
    for (const std::int32_t wrong : {-1, 20, std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int32_t>::max()}) {
      for (const std::size_t at : {std::size_t{0}, indices.size() - 1}) {
        std::vector<std::int32_t> bad = indices;
        bad[at] = wrong;
        Guarded<float> refused(shape.x_size());
        CHECK(max_pool2d_backward(shape, algorithm, dy.data(), bad.data(), refused.data(),
                                  workspace.get()) == Status::kBadArgument);
        CHECK(refused.untouched());
      }
    }
  }
}

TEST_CASE("max_pool2d_backward adds each gradient once, wherever in the plane its index points") {
  for (const PoolCase& item : pool_cases()) {
    const Pool2dShape shape = shape_of(item.params);
    Random random(41);
    const std::vector<float> dy = random.floats(shape.y_size(), Fill::kIntegers);
    const Index in_size = shape.h * shape.w, out_size = shape.oh * shape.ow;
    std::vector<std::int32_t> indices(shape.y_size());
    for (std::int32_t& index : indices) {
      index = static_cast<std::int32_t>(random.next() % static_cast<std::uint64_t>(in_size));
    }
    std::vector<float> want(shape.x_size(), 0.0f);
    for (Index i = 0; i < shape.y_size(); ++i) {
      want[i / out_size * in_size + indices[i]] += dy[i];
    }
    for (const Algorithm algorithm : kAlgorithms) {
      std::size_t bytes = 0;
      REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
      GuardedWorkspace workspace(bytes);
      Guarded<float> dx(shape.x_size());
      REQUIRE(max_pool2d_backward(shape, algorithm, dy.data(), indices.data(), dx.data(),
                                  workspace.get()) == Status::kOk);
      check_equal(describe(item.name, to_string(item.params), algorithm), dx.values(), want);
    }
  }
}

TEST_CASE("a pooling workspace one byte too small is refused, and nothing is written") {
  const Pool2dShape shape =
      shape_of({.n = 1, .c = 2, .h = 6, .w = 7, .kernel_h = 2, .kernel_w = 3});
  const std::vector<float> x(shape.x_size(), 1.0f);
  for (const Algorithm algorithm : {Algorithm::kDirect, Algorithm::kIm2col}) {
    std::size_t bytes = 0;
    REQUIRE(pool2d_workspace(shape, algorithm, &bytes) == Status::kOk);
    REQUIRE(bytes > 0);
    GuardedWorkspace workspace(bytes - 1);
    Guarded<float> y(shape.y_size());
    Guarded<std::int32_t> indices(shape.y_size());
    CHECK(max_pool2d_forward(shape, algorithm, x.data(), y.data(), indices.data(),
                             workspace.get()) == Status::kWorkspaceTooSmall);
    CHECK(avg_pool2d_forward(shape, algorithm, x.data(), y.data(), workspace.get()) ==
          Status::kWorkspaceTooSmall);
    CHECK((y.untouched() && indices.untouched()));
  }
}

}  // namespace
}  // namespace convgrad::test
