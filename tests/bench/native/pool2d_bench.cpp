// Max and mean pooling by each algorithm, the forward pass alone and with the backward pass.
#include <benchmark/benchmark.h>

#include <string>

#include "data.h"
#include "register.h"
#include "shapes.h"

namespace convgrad::bench {
namespace {

struct Pass {
  const char* name;
  bool max;
  bool backward;
};

constexpr Pass kPasses[] = {
    {"max forward", true, false},
    {"mean forward", false, false},
    {"max forward+backward", true, true},
    {"mean forward+backward", false, true},
};

void pool(benchmark::State& state, const Pooling& of, const Pass& pass, Algorithm algorithm) {
  Pool2dShape shape;
  std::size_t bytes = 0;
  const Pool2dParams params = {
      .n = of.n,
      .c = of.c,
      .h = of.h,
      .w = of.w,
      .kernel_h = of.kernel,
      .kernel_w = of.kernel,
      .stride_h = of.stride,
      .stride_w = of.stride,
  };
  if (Pool2dShape::make(params, &shape) != Status::kOk ||
      pool2d_workspace(shape, algorithm, &bytes) != Status::kOk) {
    state.SkipWithError("the library refuses this shape");
    return;
  }
  const std::vector<float> x = uniform(shape.x_size());
  const std::vector<float> dy = uniform(shape.y_size());
  std::vector<float> y = zeros(shape.y_size());
  std::vector<float> dx = zeros(shape.x_size());
  std::vector<std::int32_t> indices(y.size());
  std::vector<std::byte> scratch(bytes);
  const Workspace workspace = {scratch.data(), bytes};
  const auto run = [&] {
    const Status forward =
        pass.max
            ? max_pool2d_forward(shape, algorithm, x.data(), y.data(), indices.data(), workspace)
            : avg_pool2d_forward(shape, algorithm, x.data(), y.data(), workspace);
    if (forward != Status::kOk || !pass.backward) return forward;
    return pass.max ? max_pool2d_backward(shape, algorithm, dy.data(), indices.data(), dx.data(),
                                          workspace)
                    : avg_pool2d_backward(shape, algorithm, dy.data(), dx.data(), workspace);
  };
  for (auto _ : state) {
    if (run() != Status::kOk) {
      state.SkipWithError("pooling failed");
      return;
    }
    benchmark::ClobberMemory();
  }
}

}  // namespace

void register_poolings() {
  for (const Pass& pass : kPasses) {
    for (const Pooling& shape : poolings()) {
      for (const auto& [name, algorithm] : kAlgorithms) {
        const std::string what = std::string(pass.name) + "/" + shape.name + "/" + name;
        benchmark::RegisterBenchmark(("pool " + what).c_str(), pool, shape, pass, algorithm)
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

}  // namespace convgrad::bench
