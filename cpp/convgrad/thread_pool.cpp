#include "convgrad/thread_pool.h"

namespace convgrad {

ThreadPool::ThreadPool(int) {}
ThreadPool::~ThreadPool() = default;

void ThreadPool::run(Index tasks, Job job, void* context) {
  for (Index task = 0; task < tasks; ++task) job(context, task, 0);
}

}  // namespace convgrad
