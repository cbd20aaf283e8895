// A loop over independent tasks, shared among the threads of the caller's pool. What a task
// computes depends on its number alone, never on the worker, so results do not depend on the number
// of threads.
#pragma once

#include <type_traits>

#include "convgrad/algorithm.h"
#include "convgrad/thread_pool.h"

namespace convgrad::kernels {

inline int worker_count(const Workspace& workspace) {
  return workspace.pool != nullptr ? workspace.pool->threads() : 1;
}

// Into how many parts an image should be divided at least, so that all `threads` have work until
// the end. For divisions that do not change any result.
inline Index least_parts(const Index images, int threads) {
  if (threads == 1) return 1;
  return (4 * Index{threads} + images - 1) / images;
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
