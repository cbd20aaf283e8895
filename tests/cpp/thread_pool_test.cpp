// ThreadPool: each task once, on one worker at a time, everything seen afterwards.
#include "convgrad/thread_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace convgrad {
namespace {

struct Tally {
  std::vector<int> runs;  // by task; each element is written by one task only
  std::vector<std::atomic<int>> busy;
  std::atomic<bool> clash = false;

  Tally(Index tasks, int threads)
      : runs(static_cast<std::size_t>(tasks)), busy(static_cast<std::size_t>(threads)) {}

  static void job(void* context, Index task, int worker) {
    auto& tally = *static_cast<Tally*>(context);
    if (worker < 0 || worker >= static_cast<int>(tally.busy.size())) {
      tally.clash = true;
      return;
    }
    if (tally.busy[static_cast<std::size_t>(worker)].fetch_add(1) != 0) tally.clash = true;
    ++tally.runs[static_cast<std::size_t>(task)];
    tally.busy[static_cast<std::size_t>(worker)].fetch_sub(1);
  }

  [[nodiscard]] bool each_once() const {
    for (const int count : runs) {
      if (count != 1) return false;
    }
    return !clash;
  }
};

TEST_CASE("every task runs once, however many threads and tasks") {
  for (int threads = 1; threads <= 4; ++threads) {
    CAPTURE(threads);
    ThreadPool pool(threads);
    CHECK(pool.threads() >= 1);
    CHECK(pool.threads() <= threads);
    for (const Index tasks : {0, 1, 2, 3, 7, 64, 1000}) {
      CAPTURE(tasks);
      Tally tally(tasks, pool.threads());
      pool.run(tasks, &Tally::job, &tally);
      CHECK(tally.each_once());
    }
  }
}

TEST_CASE("many short jobs follow each other") {
  for (int threads = 2; threads <= 4; ++threads) {
    CAPTURE(threads);
    ThreadPool pool(threads);
    int wrong = 0;
    for (int i = 0; i < 20'000; ++i) {
      Tally tally(2 + i % 5, pool.threads());
      pool.run(2 + i % 5, &Tally::job, &tally);
      if (!tally.each_once()) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

#if !defined(__wasm__)
TEST_CASE("more than one thread works, also after a sleep") {
  ThreadPool pool(2);
  REQUIRE(pool.threads() == 2);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // Each task waits until both have begun, which one thread alone never brings about.
    std::atomic<int> begun = 0;
    pool.run(
        2,
        [](void* context, Index, int) {
          auto& count = *static_cast<std::atomic<int>*>(context);
          count.fetch_add(1);
          while (count.load() < 2) std::this_thread::yield();
        },
        &begun);
    CHECK(begun.load() == 2);
  }
}
#endif

TEST_CASE("pools come and go") {
  for (int i = 0; i < 50; ++i) {
    ThreadPool pool(1 + i % 4);
    Tally tally(10, pool.threads());
    if (i % 2 == 0) {
      pool.run(10, &Tally::job, &tally);
      CHECK(tally.each_once());
    }
  }
}

}  // namespace
}  // namespace convgrad
