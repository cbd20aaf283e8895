#include "convgrad/thread_pool.h"

#include <algorithm>
#include <cstddef>

#if !defined(__wasm__)
#include <system_error>
#include <thread>
#include <vector>
#endif

namespace convgrad {
namespace {

constexpr std::uint32_t kOpen = 1u << 31;

// How often a worker looks for the next job before it sleeps: some 30 µs. Waking a sleeper takes
// about as long, and the jobs of one kernel follow each other more closely than that.
#if defined(__wasm__)
constexpr int kLooks = 20'000;
#else
constexpr int kLooks = 2'000;  // a pause each
#endif

// A hint to the core that this thread only waits.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  asm volatile("yield");
#endif
}

// Sleeps unless or until `number` differs from `seen`.
void sleep_on(std::atomic<std::uint32_t>* number, std::uint32_t seen) {
#if defined(__wasm_atomics__)
  // std::atomic::wait would need a library of threads, which the module goes without.
  static_assert(sizeof(*number) == sizeof(int));
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(number), static_cast<int>(seen), -1);
#elif defined(__wasm__)
  static_cast<void>(number);
  static_cast<void>(seen);
#else
  number->wait(seen, std::memory_order_seq_cst);
#endif
}

// Code of V8's baseline compiler (seen in Node 20) loses values that it holds in registers across a
// wait: worker 1 woke up as worker 0. So the wait has a function to itself, with nothing to lose;
// and it is called through a pointer that nobody can see through, lest an optimizer inlines it.
void (*volatile sleep_apart)(std::atomic<std::uint32_t>*, std::uint32_t) = &sleep_on;

void wake_all(std::atomic<std::uint32_t>* number) {
#if defined(__wasm_atomics__)
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(number), ~0u);
#elif defined(__wasm__)
  static_cast<void>(number);
#else
  number->notify_all();
#endif
}

}  // namespace

#if defined(__wasm__)

struct ThreadPool::Threads {};

ThreadPool::ThreadPool(int threads) : threads_(threads) {}
ThreadPool::~ThreadPool() = default;

#else

struct ThreadPool::Threads {
  std::vector<std::thread> threads;
};

ThreadPool::ThreadPool(int threads) : threads_(1), started_(std::make_unique<Threads>()) {
  try {
    started_->threads.reserve(static_cast<std::size_t>(std::max(threads, 1)));
    for (int worker = 1; worker < threads; ++worker) {
      started_->threads.emplace_back([this, worker] { serve(worker); });
      threads_ = worker + 1;
    }
  } catch (const std::system_error&) {
    // The system grants no more: those there are will do.
  }
}

ThreadPool::~ThreadPool() {
  ending_.store(true);
  number_.fetch_add(1);
  wake_all(&number_);
  for (std::thread& thread : started_->threads) thread.join();
}

#endif

void ThreadPool::run(Index tasks, Job job, void* context) {
  if (threads() == 1 || tasks <= 1) {
    for (Index task = 0; task < tasks; ++task) job(context, task, 0);
    return;
  }
  job_ = job;
  context_ = context;
  tasks_ = tasks;
  next_.store(0, std::memory_order_relaxed);
  gate_.store(kOpen, std::memory_order_release);
  // Either a worker about to sleep sees the new number, or its wish to be woken is seen here: both
  // sides write one and then read the other, in the one order of all such operations.
  number_.fetch_add(1, std::memory_order_seq_cst);
  if (asleep_.load(std::memory_order_seq_cst) > 0) wake_all(&number_);
  // What the tasks of this thread write on its stack must not share a cache line with what all
  // tasks read there: the context and what that refers to.
  alignas(64) std::byte gap[256];
  asm volatile("" ::"r"(gap) : "memory");
  work(0);
  // No task is left. Whoever has not come by now need not: a small job never waits for a sleeper.
  gate_.fetch_and(~kOpen, std::memory_order_acq_rel);
  while (gate_.load(std::memory_order_acquire) != 0) pause();
}

void ThreadPool::serve(int worker) {
  std::uint32_t seen = 0;
  for (;;) {
    seen = next_job(seen);
    if (ending_.load(std::memory_order_acquire)) return;
    std::uint32_t gate = gate_.load(std::memory_order_relaxed);
    while ((gate & kOpen) != 0) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire)) {
        work(worker);
        gate_.fetch_sub(1, std::memory_order_release);
        break;
      }
    }
  }
}

void ThreadPool::work(int worker) {
  const Index tasks = tasks_;
  for (;;) {
    const Index task = next_.fetch_add(1, std::memory_order_relaxed);
    if (task >= tasks) return;
    job_(context_, task, worker);
  }
}

std::uint32_t ThreadPool::next_job(std::uint32_t seen) {
  for (int look = 0; look < kLooks; ++look) {
    const std::uint32_t number = number_.load(std::memory_order_acquire);
    if (number != seen) return number;
    pause();
  }
  asleep_.fetch_add(1, std::memory_order_seq_cst);
  std::uint32_t number = number_.load(std::memory_order_seq_cst);
  while (number == seen) {
    sleep_apart(&number_, seen);
    number = number_.load(std::memory_order_seq_cst);
  }
  asleep_.fetch_sub(1, std::memory_order_relaxed);
  return number;
}

}  // namespace convgrad
