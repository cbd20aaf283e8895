// Threads that the kernels share their work among. Created by the caller, who hands it to a call in
// its Workspace; the library starts no thread of its own accord.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "convgrad/status.h"

namespace convgrad {

// Whether this binary can run more than one thread: WebAssembly without shared memory cannot.
#if defined(__wasm__) && !defined(__wasm_atomics__)
inline constexpr bool kHasThreads = false;
#else
inline constexpr bool kHasThreads = true;
#endif

// One job at a time, its tasks handed out by an atomic counter. The calling thread works too, and
// never sleeps: the main thread of a page may not. The others look out for the next job for some
// microseconds, since one kernel runs several jobs in a row, and then sleep.
class ThreadPool {
 public:
  // One piece of work: task in [0, tasks), worker in [0, threads()), never two tasks at a time on
  // the same worker. Worker 0 is the calling thread.
  using Job = void (*)(void* context, Index task, int worker);

  // `threads` >= 1, the calling thread among them: threads - 1 are started, as many as the system
  // grants. In WebAssembly none is: there the host starts them, and each calls serve().
  explicit ThreadPool(int threads);
  // Ends the threads. In WebAssembly the host ends them first.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int threads() const { return kHasThreads ? threads_ : 1; }

  // Calls job(context, task, worker) once for each task, in any order, and returns when all are
  // done. What the tasks wrote is visible to the caller afterwards. Not reentrant.
  void run(Index tasks, Job job, void* context);

  // The life of worker `worker` in [1, threads()): returns when the pool ends.
  void serve(int worker);

 private:
  struct Threads;

  void work(int worker);
  // Waits for a job after the one numbered `seen`, and returns its number.
  std::uint32_t next_job(std::uint32_t seen);

  int threads_;
  std::unique_ptr<Threads> started_;

  // The job; written while the gate is shut and nobody is inside.
  Job job_ = nullptr;
  void* context_ = nullptr;
  Index tasks_ = 0;

  // Each on a cache line of its own, as different threads write them.
  alignas(64) std::atomic<std::uint32_t> number_ = 0;  // of jobs so far; sleepers wait on it
  alignas(64) std::atomic<std::uint32_t> gate_ = 0;    // kOpen while a job may be joined, + workers
  alignas(64) std::atomic<Index> next_ = 0;            // the next task
  alignas(64) std::atomic<int> asleep_ = 0;            // workers that want to be woken
  std::atomic<bool> ending_ = false;
};

}  // namespace convgrad
