#include "convgrad/kernels/conv2d_depthwise.h"

#include <algorithm>

#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/pool_rows.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

constexpr int kTaps = 3;  // along either axis

// Floats of a band, which stays in the first-level cache.
constexpr Index kNearFloats = 4 * 1024;
// Cells of y in a task at least.
constexpr Index kTaskCells = 4 * 1024;

struct Plan {
  WindowBand window;
  Index rows;    // of y under whose windows a band of x is copied
  Index planes;  // in a task
  Index band_size;
  WorkspaceLayout layout;
  std::int64_t bands;

  Plan(const Conv2dShape& shape, int threads)
      : window(shape),
        rows(std::clamp<Index>(
            (kNearFloats / window.band.row_pitch() - window.kernel_rows) / window.stride_h + 1, 1,
            shape.oh)),
        planes(std::clamp<Index>(kTaskCells / (shape.oh * shape.ow), 1, shape.k)),
        band_size(window.plane_pitch(rows) + kBandSlack) {
    bands = layout.reserve<float>(band_size * threads);
  }
};

// y[rows][columns] from a band, a vector of columns at a time from the top down: what a row of x
// adds to the three rows of y that see it is summed up while it is in registers.
template <int kStride>
[[gnu::noinline]] void walk(const Plan& plan, const float* band, const float* weights, float bias,
                            Index rows, Index columns, float* y) {
  const Index pitch = plan.window.band.row_pitch(), odd = plan.window.band.phase_pitch;
  simd::Vec w[kTaps][kTaps];
  for (int i = 0; i < kTaps * kTaps; ++i) w[i / kTaps][i % kTaps] = simd::broadcast(weights[i]);
  for_each_vector(columns, [&](Index ow) {
    const float* p = band + ow;
    simd::Vec taps[kTaps];
    const auto next_row = [&]() __attribute__((always_inline)) {
      taps[0] = simd::load(p);
      taps[1] = simd::load(p + (kStride == 1 ? 1 : odd));
      taps[2] = simd::load(p + (kStride == 1 ? 2 : 1));
      p += pitch;
    };
    const auto products = [&](int r) __attribute__((always_inline)) {
      return simd::multiply_add(taps[2], w[r][2],
                                simd::multiply_add(taps[1], w[r][1], taps[0] * w[r][0]));
    };
    const simd::Vec start = simd::broadcast(bias);
    next_row();
    simd::Vec first = start + products(0), second = start;
    if (kStride == 1) {
      next_row();
      first += products(1);
      second += products(0);
    }
    float* out = y + ow;
    for (Index oh = 0; oh < rows; ++oh, out += columns) {
      next_row();
      if (kStride == 1) {
        simd::store(out, first + products(2));
        first = second + products(1);
        second = start + products(0);
      } else {
        first += products(1);
        next_row();
        simd::store(out, first + products(2));
        first = start + products(0);
      }
    }
  });
}

}  // namespace

bool conv2d_depthwise_applies(const Conv2dShape& s) {
  return s.group_c() * s.group_k() == 1 && s.r == kTaps && s.s == kTaps &&
         s.stride_h == s.stride_w && s.stride_w <= 2 && s.dilation_h * s.dilation_w == 1 &&
         s.ow >= simd::kLanes;
}

std::int64_t conv2d_depthwise_workspace(const Conv2dShape& shape, int threads) {
  return Plan(shape, threads).layout.bytes();
}

// x[N,K,H,W] w[K,1,3,3] b[K] -> y[N,K,OH,OW]
bool conv2d_depthwise_forward(const Conv2dShape& shape, const float* x, const float* w,
                              const float* b, float* y, const Workspace& workspace) {
  if (shape.padded() && !all_finite(w, shape.w_size())) return false;
  const Plan plan(shape, worker_count(workspace));
  const Index all = shape.n * shape.k, tasks = divide_up(all, plan.planes);
  parallel_for(workspace, tasks, [&](Index task, int worker) {
    auto* band = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.band_size;
    Index k = task * plan.planes % shape.k;
    PhaseTimer timer(workspace, Phase::kPad, worker);
    for (Index i = task * plan.planes; i < std::min(all, (task + 1) * plan.planes); ++i) {
      for (Index oh = 0; oh < shape.oh; oh += plan.rows) {
        const Index rows = std::min(plan.rows, shape.oh - oh);
        timer.enter(Phase::kPad);
        plan.window.copy(shape, x + i * shape.h * shape.w, 1, oh, rows, 0, band);
        timer.enter(Phase::kMultiply);
        (shape.stride_w == 1 ? walk<1> : walk<2>)(plan, band, w + k * kTaps * kTaps,
                                                  b != nullptr ? b[k] : 0.0f, rows, shape.ow,
                                                  y + (i * shape.oh + oh) * shape.ow);
      }
      if (++k == shape.k) k = 0;
    }
  });
  return true;
}

}  // namespace convgrad::kernels
