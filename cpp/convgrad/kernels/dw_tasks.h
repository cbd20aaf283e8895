// How both kernels of dw divide their work: by blocks of input channels of a group, and, where
// there are few of those, by chunks of what is summed over as well. The division depends on the
// shape alone, so that the sums do not depend on the number of threads.
#pragma once

#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

// The sums of a task, [K/g][pitch]: what is added to them, or, where each comes but once, dw.
struct DwSums {
  double* sums;  // null where each comes but once
  float* dw;     // of the task's first output and input channel
  Index pitch;
};

class DwTasks {
 public:
  // `channels`: at most so many in a block; `steps`: the parts of the batch and its images that a
  // chunk consists of; `once`: whether a step has each of its sums but once and can write dw.
  DwTasks(const Conv2dShape& shape, Index channels, Index steps, bool once = false)
      : once_(once && steps == 1 && shape.n == 1),
        blocks_(shape.group_c(), channels),
        sums_(shape.group_k() * blocks_.size(0) * shape.r * shape.s),
        chunks_(steps, (steps + chunk_count(shape, steps) - 1) / chunk_count(shape, steps)) {}

  // Doubles to reserve for `threads` workers: each needs those of one task at a time, unless the
  // chunks of a block are added up at the end.
  [[nodiscard]] Index sums_size(const Conv2dShape& shape, int threads) const {
    if (once_) return 0;
    return sums_ * (chunks_.parts() == 1 ? Index{threads} : task_count(shape));
  }
  [[nodiscard]] Index most_channels() const { return blocks_.size(0); }

  // dw = what accumulate(group, first channel in it, channels, first step, last step, sums, worker)
  // adds to the sums of [K/g][channels*R*S], divided by N for the mean.
  template <typename Accumulate>
  void run(const Conv2dShape& shape, Reduction reduction, double* sums, float* dw,
           const Workspace& workspace, Accumulate accumulate) const {
    const Index chunks = chunks_.parts();
    const double scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0;
    parallel_for(workspace, task_count(shape), [&](Index task, int worker) {
      const Index chunk = task % chunks, block = task / chunks % blocks_.parts();
      const Index g = task / chunks / blocks_.parts(), taps = shape.r * shape.s;
      DwSums own{.sums = nullptr,
                 .dw = dw + (g * shape.group_k() * shape.group_c() + blocks_.begin(block)) * taps,
                 .pitch = shape.group_c() * taps};
      if (!once_) {
        own.sums = sums + (chunks == 1 ? worker : task) * sums_;
        own.pitch = blocks_.size(block) * taps;
        std::fill_n(own.sums, sums_, 0.0);
      }
      accumulate(g, blocks_.begin(block), blocks_.size(block), chunks_.begin(chunk),
                 chunks_.begin(chunk + 1), own, worker);
      if (!once_ && chunks == 1) store(shape, task, 1, own.sums, scale, dw);
    });
    if (chunks == 1) return;
    for (Index block = 0; block < task_count(shape) / chunks; ++block) {
      store(shape, block, chunks, sums + block * chunks * sums_, scale, dw);
    }
  }

 private:
  // Tasks to share among threads where it costs nothing: enough for an even division.
  static constexpr Index kTasks = 8;
  // Doubles for the sums of all chunks of a block: 1 MiB.
  static constexpr Index kMostSums = 128 * 1024;

  [[nodiscard]] Index chunk_count(const Conv2dShape& shape, Index steps) const {
    const Index others = shape.groups * blocks_.parts();
    return std::clamp<Index>(std::min(kTasks / others, kMostSums / sums_), 1, steps);
  }
  [[nodiscard]] Index task_count(const Conv2dShape& shape) const {
    return shape.groups * blocks_.parts() * chunks_.parts();
  }

  // Adds up the chunks' sums[chunks][sums_] of a block, in the place of the first.
  void store(const Conv2dShape& shape, Index block_number, Index chunks, double* sums, double scale,
             float* dw) const {
    const Index g = block_number / blocks_.parts(), block = block_number % blocks_.parts();
    const Index taps = shape.r * shape.s, count = blocks_.size(block) * taps;
    for (Index chunk = 1; chunk < chunks; ++chunk) {
      for (Index i = 0; i < sums_; ++i) sums[i] += sums[chunk * sums_ + i];
    }
    // Loops of their own: divisions take as long as a small layer's products.
    if (scale != 1.0) {
      for (Index i = 0; i < sums_; ++i) sums[i] /= scale;
    }
    for (Index k = 0; k < shape.group_k(); ++k, sums += count) {
      float* out = dw + ((g * shape.group_k() + k) * shape.group_c() + blocks_.begin(block)) * taps;
      for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(sums[i]);
    }
  }

  bool once_;
  EvenSplit blocks_;  // the channels of a group
  Index sums_;        // of a task
  EvenSplit chunks_;  // the steps
};

}  // namespace convgrad::kernels
