// Convolutions by each algorithm and direction, in GFLOP/s: 2*N*K*OH*OW*C/groups*R*S operations for
// the forward pass, dx and dw each.
#include <benchmark/benchmark.h>

#include <string>

#include "data.h"
#include "register.h"
#include "shapes.h"

namespace convgrad::bench {
namespace {

Status make_shape(const Convolution& of, Conv2dShape* shape) {
  return Conv2dShape::make(
      {
          .n = of.n,
          .c = of.c,
          .h = of.h,
          .w = of.w,
          .k = of.k,
          .r = of.r,
          .s = of.s,
          .stride_h = of.stride,
          .stride_w = of.stride,
          .pad_top = of.padding,
          .pad_left = of.padding,
          .pad_bottom = of.padding,
          .pad_right = of.padding,
          .dilation_h = of.dilation,
          .dilation_w = of.dilation,
          .groups = of.groups,
      },
      shape);
}

// Not every algorithm is for every shape.
bool applies(const Convolution& of, Algorithm algorithm) {
  Conv2dShape shape;
  std::size_t bytes = 0;
  return make_shape(of, &shape) == Status::kOk &&
         conv2d_forward_workspace(shape, algorithm, &bytes) == Status::kOk;
}

void report_rate(benchmark::State& state, const Conv2dShape& shape, int passes) {
  const Index terms = shape.group_c() * shape.r * shape.s;
  const double flop = 2.0 * passes * static_cast<double>(shape.y_size() * terms);
  state.counters["GFLOP/s"] = benchmark::Counter(
      flop * 1e-9, benchmark::Counter::kIsIterationInvariantRate, benchmark::Counter::kIs1000);
}

void forward(benchmark::State& state, const Convolution& of, Algorithm algorithm) {
  Conv2dShape shape;
  std::size_t bytes = 0;
  if (make_shape(of, &shape) != Status::kOk ||
      conv2d_forward_workspace(shape, algorithm, &bytes) != Status::kOk) {
    state.SkipWithError("the library refuses this shape");
    return;
  }
  const std::vector<float> x = uniform(shape.x_size());
  const std::vector<float> w = uniform(shape.w_size());
  std::vector<float> y = zeros(shape.y_size());
  std::vector<std::byte> scratch(bytes);
  for (auto _ : state) {
    if (conv2d_forward(shape, algorithm, x.data(), w.data(), nullptr, y.data(),
                       {scratch.data(), bytes}) != Status::kOk) {
      state.SkipWithError("conv2d_forward failed");
      return;
    }
    benchmark::ClobberMemory();
  }
  report_rate(state, shape, 1);
}

void backward(benchmark::State& state, const Convolution& of, Algorithm algorithm) {
  Conv2dShape shape;
  if (make_shape(of, &shape) != Status::kOk) {
    state.SkipWithError("the library refuses this shape");
    return;
  }
  const std::vector<float> dy = uniform(shape.y_size());
  const std::vector<float> x = uniform(shape.x_size());
  const std::vector<float> w = uniform(shape.w_size());
  std::vector<float> dx = zeros(shape.x_size());
  std::vector<float> dw = zeros(shape.w_size());
  std::vector<float> db = zeros(shape.k);
  const Conv2dGradients gradients = {.dx = dx.data(), .dw = dw.data(), .db = db.data()};
  std::size_t bytes = 0;
  if (conv2d_backward_workspace(shape, algorithm, gradients, &bytes) != Status::kOk) {
    state.SkipWithError("the library refuses this algorithm");
    return;
  }
  std::vector<std::byte> scratch(bytes);
  for (auto _ : state) {
    if (conv2d_backward(shape, algorithm, Reduction::kSum, dy.data(), x.data(), w.data(), gradients,
                        {scratch.data(), bytes}) != Status::kOk) {
      state.SkipWithError("conv2d_backward failed");
      return;
    }
    benchmark::ClobberMemory();
  }
  report_rate(state, shape, 2);
}

void register_shape(const Convolution& shape, const NamedAlgorithm& named) {
  if (!applies(shape, named.algorithm)) return;
  const std::string what = std::string(shape.name) + "/" + named.name;
  benchmark::RegisterBenchmark(("forward/" + what).c_str(), forward, shape, named.algorithm);
  benchmark::RegisterBenchmark(("backward/" + what).c_str(), backward, shape, named.algorithm);
}

}  // namespace

void register_convolutions() {
  for (const Convolution& shape : convolutions()) {
    for (const NamedAlgorithm& named : kAlgorithms) register_shape(shape, named);
    for (const NamedAlgorithm& named : kWinogradAlgorithms) register_shape(shape, named);
  }
}

}  // namespace convgrad::bench
