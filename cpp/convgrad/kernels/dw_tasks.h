// How the kernels of dw divide their work: by blocks of input channels of a group, and, where
// there are few of those, by chunks of what is summed over as well. The division depends on the
// shape alone, so that the sums do not depend on the number of threads.
#pragma once

#include <algorithm>

#include "convgrad/kernels/conv2d_kernels.h"
#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/kernels/workspace_layout.h"

namespace convgrad::kernels {

// The sums of a task: what is added to them, or, where each comes but once, dw itself.
struct DwSums {
  double* sums;  // [K/g][pitch], or as DwTasks' lanes say; null where each comes but once
  float* dw;     // of the task's first output and input channel, [K/g][pitch]
  Index pitch;
};

// Part of a block of input channels [c, c + channels) of a group, and where its sums belong.
struct DwTask {
  Index g, c, channels;
  Index step, last_step;  // of the batch: [step, last_step)
  DwSums sums;
};

class DwTasks {
 public:
  // `channels`: so many in a block, or as many as are whole units; `steps`: the parts of the batch
  // and its images that a chunk consists of; `lanes`: output channels whose sums lie side by side,
  // sums[K/g / lanes][channels*R*S][lanes]; `once`: whether a step has each of its sums but once
  // and can write dw; `unit`: channels that a block has a multiple of, if it is not the last.
  DwTasks(const Conv2dShape& shape, Index channels, Index steps, Index lanes = 1, bool once = false,
          Index unit = 1)
      : once_(once && steps == 1 && shape.n == 1),
        lanes_(lanes),
        channels_(shape.group_c()),
        unit_(unit),
        blocks_(divide_up(channels_, unit), divide_up(channels, unit)),
        sums_(divide_up(shape.group_k(), lanes) * lanes * most_channels() * shape.r * shape.s +
              kLineGap),
        chunks_(steps, (steps + chunk_count(shape, steps) - 1) / chunk_count(shape, steps)) {}

  // Doubles to reserve for `threads` workers: each needs those of one task at a time, unless the
  // chunks of a block are added up at the end.
  [[nodiscard]] Index sums_size(const Conv2dShape& shape, int threads) const {
    if (once_) return 0;
    return sums_ * (chunks_.parts() == 1 ? Index{threads} : task_count(shape));
  }
  [[nodiscard]] Index most_channels() const { return block_begin(1); }

  // dw = what accumulate(task, worker) adds to the sums of the tasks, divided by N for the mean.
  template <typename Accumulate>
  void run(const Conv2dShape& shape, Reduction reduction, double* sums, float* dw,
           const Workspace& workspace, Accumulate accumulate) const {
    run_tasks(
        shape, reduction, sums, dw, workspace,
        [](void* context, const DwTask& task, int worker) {
          (*static_cast<Accumulate*>(context))(task, worker);
        },
        &accumulate);
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
  [[nodiscard]] Index block_begin(Index block) const {
    return std::min(blocks_.begin(block) * unit_, channels_);
  }
  [[nodiscard]] Index task_count(const Conv2dShape& shape) const {
    return shape.groups * blocks_.parts() * chunks_.parts();
  }

  void run_tasks(const Conv2dShape& shape, Reduction reduction, double* sums, float* dw,
                 const Workspace& workspace,
                 void (*accumulate)(void* context, const DwTask& task, int worker),
                 void* context) const;
  // Adds up the chunks' sums[chunks][sums_] of a block, in the place of the first.
  void store(const Conv2dShape& shape, Index block_number, Index chunks, double* sums, double scale,
             float* dw) const;

  bool once_;
  Index lanes_;
  Index channels_, unit_;
  EvenSplit blocks_;  // the units of a group
  Index sums_;        // of a task, and a gap to those of the next
  EvenSplit chunks_;  // the steps
};

}  // namespace convgrad::kernels
