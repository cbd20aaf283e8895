#include "convgrad/kernels/conv2d_depthwise.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "convgrad/kernels/finite.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/kernels/window_band.h"
#include "convgrad/kernels/workspace_layout.h"
#include "convgrad/profile.h"

namespace convgrad::kernels {
namespace {

constexpr int kSide = 3;
constexpr int kTaps = kSide * kSide;

// Floats of a band, which stays in the first-level cache.
constexpr Index kNearFloats = 4 * 1024;
// Fewer leave threads without a task.
constexpr Index kLeastChannels = 4;
// Cells of y in a task at least.
constexpr Index kTaskCells = 4 * 1024;
// Vectors of a block of dw's sums at most. Sums of 256 positive terms err by more than 8 * 2^-23
// now and then.
constexpr Index kBlockVectors = 128;
// Columns of y at most: a row is one block.
constexpr Index kMostColumns = kBlockVectors * 4;

struct Plan {
  WindowBand window;
  Index rows;      // of y under whose windows a band of x is copied
  Index channels;  // in a task
  Index band_size;
  WorkspaceLayout layout;
  std::int64_t bands;

  Plan(const Conv2dShape& shape, int threads)
      : window(shape),
        rows(std::clamp<Index>(
            (kNearFloats / window.band.row_pitch() - window.kernel_rows) / window.stride_h + 1, 1,
            shape.oh)),
        channels(std::clamp<Index>(kTaskCells / (shape.n * shape.oh * shape.ow), 1, shape.k)),
        band_size(window.plane_pitch(rows) + kBandSlack) {
    bands = layout.reserve<float>(band_size * threads);
  }
};

// A vector of windows' taps in a row of the band: the second ones stand `second` floats behind, the
// third ones `third`.
struct RowTaps {
  simd::Vec taps[kSide];

  [[gnu::always_inline]] RowTaps(const float* p, Index second, Index third)
      : taps{simd::load(p), simd::load(p + second), simd::load(p + third)} {}
  [[gnu::always_inline]] simd::Vec times(const simd::Vec* w) const {
    return simd::multiply_add(taps[2], w[2], simd::multiply_add(taps[1], w[1], taps[0] * w[0]));
  }
};

// y[rows][columns] from a band, a vector of columns at a time from the top down: what a row of x
// adds to the rows of y that see it is summed up while it is in registers. Weights follow each
// other in steps of `step`.
template <int kStride>
[[gnu::noinline]] void walk(const WindowBand& window, const float* band, const float* weights,
                            Index step, float bias, Index rows, Index columns, float* y) {
  const Index pitch = window.band.row_pitch();
  // Of a stride of 2 the odd columns are a phase of their own.
  const Index odd = kStride == 1 ? 1 : window.band.phase_pitch;
  simd::Vec w[kTaps];
  for (int i = 0; i < kTaps; ++i) w[i] = simd::broadcast(weights[i * step]);
  const simd::Vec *const upper = w, *const middle = w + kSide, *const lower = w + 2 * kSide;
  const simd::Vec start = simd::broadcast(bias);
  for_each_vector(columns, [&](Index ow) {
    const float* p = band + ow;
    const auto next_row = [&]() __attribute__((always_inline)) {
      const RowTaps row(p, odd, kStride == 1 ? 2 : 1);
      p += pitch;
      return row;
    };
    simd::Vec first = start + next_row().times(upper), second = start;
    if constexpr (kStride == 1) {
      const auto row = next_row();
      first += row.times(middle);
      second += row.times(upper);
    }
    float* out = y + ow;
    for (Index oh = 0; oh < rows; ++oh, out += columns) {
      if constexpr (kStride == 2) first += next_row().times(middle);
      const auto row = next_row();
      simd::store(out, first + row.times(lower));
      if constexpr (kStride == 1) {
        first = second + row.times(middle);
        second = start + row.times(upper);
      } else {
        first = start + row.times(upper);
      }
    }
  });
}

// sums[kTaps] += those of the windows of a band times dy[rows][columns].
[[gnu::noinline]] void add_products(const WindowBand& window, const float* band, const float* dy,
                                    Index rows, Index columns, double* sums) {
  const Index pitch = window.band.row_pitch(), row_step = window.output_row();
  const bool sorted = window.band.phases == 2;
  const Index second = sorted ? window.band.phase_pitch : 1, third = sorted ? 1 : 2;
  // A row's last vector reaches back over columns already done, which do not count again.
  std::int32_t counts[2 * simd::kLanes] = {};
  std::fill_n(counts + simd::kLanes, simd::kLanes, -1);
  const simd::IntVec new_lanes = simd::load(counts + (columns - 1) % simd::kLanes + 1);
  const Index block_rows = kBlockVectors / divide_up(columns, simd::kLanes);
  for (Index end = 0, oh = 0; oh < rows;) {
    end = std::min(end + block_rows, rows);
    simd::Vec tap_sums[kTaps];
    CONVGRAD_UNROLL
    for (simd::Vec& sum : tap_sums) sum = simd::broadcast(0.0f);
    for (; oh < end; ++oh, dy += columns, band += row_step) {
      for_each_vector(
          columns, [&](Index ow) __attribute__((always_inline)) {
            simd::Vec gradient = simd::load(dy + ow);
            if (ow + simd::kLanes == columns) gradient = simd::keep(new_lanes, gradient);
            CONVGRAD_UNROLL
            for (int r = 0; r < kSide; ++r) {
              const RowTaps row(band + ow + r * pitch, second, third);
              CONVGRAD_UNROLL
              for (int s = 0; s < kSide; ++s) {
                simd::Vec& sum = tap_sums[r * kSide + s];
                sum = simd::multiply_add(row.taps[s], gradient, sum);
              }
            }
          });
    }
    alignas(64) float lanes[kTaps * simd::kLanes];
    CONVGRAD_UNROLL
    for (int t = 0; t < kTaps; ++t) simd::store(lanes + t * simd::kLanes, tap_sums[t]);
    for (int t = 0; t < kTaps; ++t) sums[t] += simd::sum(simd::load(lanes + t * simd::kLanes));
  }
}

// dx is the convolution of dy with the weights turned round, formula (8).
Conv2dShape shape_of_dx(const Conv2dShape& shape) {
  Conv2dShape turned = shape;
  turned.h = shape.oh;
  turned.w = shape.ow;
  turned.oh = shape.h;
  turned.ow = shape.w;
  turned.pad_top = kSide - 1 - shape.pad_top;
  turned.pad_left = kSide - 1 - shape.pad_left;
  return turned;
}

// What one of the functions below does with the windows of the planes source[N,K,H,W].
struct Pass {
  const float* source = nullptr;
  const float* weights = nullptr;  // [K][kTaps] from the last tap on if turned, else the first
  Index step = 1;                  // -1 if turned
  const float* bias = nullptr;     // or null
  float* out = nullptr;            // [N,K,OH,OW]; null for dw
  const float* dy = nullptr;       // [N,K,OH,OW]
  float* dw = nullptr;             // [K][kTaps]
  double scale = 1.0;              // of dw
};

// Answers whether dw is finite.
bool run(const Conv2dShape& shape, const Pass& pass, const Workspace& workspace) {
  std::atomic<bool> finite = true;
  const Plan plan(shape, worker_count(workspace));
  parallel_for(workspace, divide_up(shape.k, plan.channels), [&](Index task, int worker) {
    auto* band = WorkspaceLayout::at<float>(workspace.data, plan.bands) + worker * plan.band_size;
    const Index begin = task * plan.channels, end = std::min(begin + plan.channels, shape.k);
    PhaseTimer timer(workspace, Phase::kPad, worker);
    for (Index k = begin; k < end; ++k) {
      double sums[kTaps] = {};
      for (Index plane = k; plane < shape.n * shape.k; plane += shape.k) {
        for (Index oh = 0; oh < shape.oh; oh += plan.rows) {
          const Index rows = std::min(plan.rows, shape.oh - oh);
          const Index cell = (plane * shape.oh + oh) * shape.ow;
          timer.enter(Phase::kPad);
          plan.window.copy(shape, pass.source + plane * shape.h * shape.w, 1, oh, rows, 0, band);
          timer.enter(Phase::kMultiply);
          if (pass.out != nullptr) {
            (shape.stride_w == 1 ? walk<1> : walk<2>)(plan.window, band, pass.weights + k * kTaps,
                                                      pass.step,
                                                      pass.bias != nullptr ? pass.bias[k] : 0.0f,
                                                      rows, shape.ow, pass.out + cell);
          } else {
            add_products(plan.window, band, pass.dy + cell, rows, shape.ow, sums);
          }
        }
      }
      if (pass.out != nullptr) continue;
      for (Index t = 0; t < kTaps; ++t) {
        if (!std::isfinite(sums[t])) finite = false;
        pass.dw[k * kTaps + t] = static_cast<float>(sums[t] / pass.scale);
      }
    }
  });
  return finite;
}

}  // namespace

bool conv2d_depthwise_applies(const Conv2dShape& s) {
  return s.group_c() * s.group_k() == 1 && s.k >= kLeastChannels && s.r == kSide && s.s == kSide &&
         s.stride_h == s.stride_w && s.stride_w <= 2 && s.dilation_h * s.dilation_w == 1 &&
         s.ow >= simd::kLanes && s.ow <= kMostColumns;
}

bool conv2d_depthwise_dx_applies(const Conv2dShape& s) {
  return s.stride_h * s.stride_w == 1 && conv2d_depthwise_applies(shape_of_dx(s));
}

std::int64_t conv2d_depthwise_workspace(const Conv2dShape& shape, int threads) {
  return Plan(shape, threads).layout.bytes();
}

std::int64_t conv2d_depthwise_dx_workspace(const Conv2dShape& shape, int threads) {
  return conv2d_depthwise_workspace(shape_of_dx(shape), threads);
}

// x[N,K,H,W] w[K,1,3,3] b[K] -> y[N,K,OH,OW]
bool conv2d_depthwise_forward(const Conv2dShape& shape, const float* x, const float* w,
                              const float* b, float* y, const Workspace& workspace) {
  if (shape.padded() && !all_finite(w, shape.w_size())) return false;
  return run(shape, {.source = x, .weights = w, .bias = b, .out = y}, workspace);
}

// dy[N,K,OH,OW] w[K,1,3,3] -> dx[N,K,H,W]
bool conv2d_depthwise_dx(const Conv2dShape& shape, const float* dy, const float* w, float* dx,
                         const Workspace& workspace) {
  if (!all_finite(w, shape.w_size())) return false;
  return run(shape_of_dx(shape), {.source = dy, .weights = w + kTaps - 1, .step = -1, .out = dx},
             workspace);
}

// dy[N,K,OH,OW] x[N,K,H,W] -> dw[K,1,3,3]
bool conv2d_depthwise_dw(const Conv2dShape& shape, Reduction reduction, const float* dy,
                         const float* x, float* dw, const Workspace& workspace) {
  // Both meet zeros: x the ends of the rows of dy, dy the padding of x. A sum that is not finite
  // shows it.
  return run(shape,
             {.source = x,
              .dy = dy,
              .dw = dw,
              .scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0},
             workspace);
}

}  // namespace convgrad::kernels
