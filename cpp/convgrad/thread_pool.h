// Threads that the kernels share their work among. Created by the caller, who hands it to a call in
// its Workspace; the library starts no thread of its own accord.
#pragma once

#include "convgrad/status.h"

namespace convgrad {

class ThreadPool {
 public:
  // One piece of work: task in [0, tasks), worker in [0, threads()), never two tasks at a time on
  // the same worker.
  using Job = void (*)(void* context, Index task, int worker);

  // `threads` >= 1, the calling thread among them: threads - 1 are started, as many as the system
  // grants.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const { return threads_; }

  // Calls job(context, task, worker) once for each task, in any order, and returns when all are
  // done. What the tasks wrote is visible to the caller afterwards. Not reentrant.
  void run(Index tasks, Job job, void* context);

 private:
  int threads_ = 1;
};

}  // namespace convgrad
