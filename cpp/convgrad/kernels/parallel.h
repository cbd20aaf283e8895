// A loop over independent tasks, shared among the threads of the caller's pool. What a task
// computes depends on its number alone, never on the worker, so results do not depend on the number
// of threads.
#pragma once

#include <algorithm>
#include <type_traits>

#include "convgrad/algorithm.h"
#include "convgrad/kernels/tile.h"
#include "convgrad/thread_pool.h"

namespace convgrad::kernels {

inline int worker_count(const Workspace& workspace) {
  return workspace.pool != nullptr ? workspace.pool->threads() : 1;
}

// How a kernel's work is divided among threads, without changing any result.

// The tiles of output channels, where there are fewer `images` than threads. Each thread then reads
// its weights and all of the image: only if that is the `smaller` of the two, and read in one go.
inline EvenSplit split_tiles(Index tiles, bool in_one_go, bool smaller, Index images, int threads) {
  const bool shared = in_one_go && smaller && images < threads;
  return EvenSplit::into(shared ? std::min<Index>(threads, tiles) : 1, tiles);
}

// The rows of each image, in parts of at most `most`: for several threads enough parts that all
// have work until the end, but no smaller ones than are worth their borders, and as many for each.
inline EvenSplit split_rows(Index rows, Index most, Index images, int threads) {
  Index parts = divide_up(rows, most);
  if (threads > 1) {
    const Index wanted = std::clamp<Index>(rows * images / 4, threads, 4 * Index{threads});
    parts = std::max(parts, divide_up(wanted, images));
    if (images % threads != 0) parts = divide_up(parts, threads) * threads;
    parts = std::min(parts, rows);
  }
  return EvenSplit::into(parts, rows);
}

// Calls run(context, task, worker) for the tasks in [0, tasks).
void parallel_run(const Workspace& workspace, Index tasks, ThreadPool::Job run, void* context);

// Calls run(task, worker) for the tasks in [0, tasks).
template <typename Run>
inline void parallel_for(const Workspace& workspace, Index tasks, Run&& run) {
  using Function = std::remove_reference_t<Run>;
  parallel_run(
      workspace, tasks,
      [](void* context, Index task, int worker) {
        (*static_cast<Function*>(context))(task, worker);
      },
      const_cast<std::remove_const_t<Function>*>(&run));
}

}  // namespace convgrad::kernels
