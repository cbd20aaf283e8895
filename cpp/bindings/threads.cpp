// Threads for the module, without Emscripten's pthreads.
//
// A worker of JavaScript's (web/package/src/thread.ts) instantiates the same WebAssembly module on
// the same memory, gives it a stack and calls enter_pool(), where it stays. It runs tasks of the
// kernels and nothing else: no allocation, no import, no JavaScript. So it needs neither the glue
// nor Embind, and the module neither locks in malloc nor a library of threads.
#include "threads.h"

#include <emscripten/bind.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "memory.h"

#if defined(__wasm_atomics__)
// Of the linker and of Emscripten's runtime; the second runs before there is a stack.
extern "C" void __wasm_init_tls(void* block);                // NOLINT(bugprone-reserved-identifier)
extern "C" void _emscripten_stack_restore(void* stack_top);  // NOLINT(bugprone-reserved-identifier)
#endif

namespace convgrad::bindings {
namespace {

std::optional<ThreadPool>& pool() {
  static std::optional<ThreadPool> instance;
  return instance;
}

#if defined(__wasm_atomics__)

// As large as the main stack, which the kernels are written for.
constexpr std::size_t kStackBytes = 65'536;

// A worker's memory: its stack, which grows down from the end, and then its thread-local variables.
// At the other end of the stack stands what JavaScript has to know first.
struct BlockStart {
  std::byte* stack_top;
  // Places in the module's table of functions.
  void (*set_stack)(void* stack_top);
  void (*enter)(int worker, std::byte* block);
};

void enter_pool(int worker, std::byte* block) {
  __wasm_init_tls(block + kStackBytes);
  pool()->serve(worker);
}

// Memory for one worker, or 0. Once for each: it is kept as long as the module.
std::uintptr_t worker_block() {
  const std::size_t bytes = kStackBytes + __builtin_wasm_tls_size() + __builtin_wasm_tls_align();
  auto* block = static_cast<std::byte*>(allocate_aligned(bytes));
  if (block != nullptr) {
    *reinterpret_cast<BlockStart*>(block) = {.stack_top = block + kStackBytes,
                                             .set_stack = &_emscripten_stack_restore,
                                             .enter = &enter_pool};
  }
  return reinterpret_cast<std::uintptr_t>(block);
}

void make_pool(int threads) { pool().emplace(threads); }

EMSCRIPTEN_BINDINGS(threads) {
  emscripten::function("makePool", &make_pool);
  emscripten::function("workerBlock", &worker_block);
}

#endif

}  // namespace

ThreadPool* pool_for(double microseconds) {
  if (!kHasThreads || !pool() || microseconds < kLeastMicroseconds) return nullptr;
  return &*pool();
}

}  // namespace convgrad::bindings
