// Memory for JavaScript: what memory.h declares, and the functions that hand it out.
#include <emscripten/bind.h>

#include <cstdlib>
#include <cstring>

#include "memory.h"

namespace convgrad::bindings {
namespace {

// In front of every piece of memory. Emscripten's malloc aligns to 8 bytes only, and its own
// functions for a wider alignment and for what is in use are six times as long as these.
struct Header {
  void* block;  // as malloc gave it
  std::size_t bytes;
};
static_assert(sizeof(Header) <= kAlignment);

// Bytes handed out and not got back, and the most that ever were.
std::size_t live = 0;
std::size_t peak = 0;

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  if (bytes > SIZE_MAX - 2 * kAlignment) return nullptr;
  void* block = std::malloc(bytes + kAlignment + sizeof(Header));
  if (block == nullptr) return nullptr;
  const auto start = reinterpret_cast<std::uintptr_t>(block) + sizeof(Header);
  auto* data = pointer_to<Header>((start + kAlignment - 1) / kAlignment * kAlignment);
  data[-1] = {.block = block, .bytes = bytes};
  live += bytes;
  if (live > peak) peak = live;
  return data;
}

void free_aligned(void* data) {
  if (data == nullptr) return;
  const Header header = static_cast<Header*>(data)[-1];
  live -= header.bytes;
  std::free(header.block);
}

void* GrowingBuffer::ensure(std::size_t bytes) {
  if (bytes <= bytes_) return data_;
  // Freed first, as nothing in it is needed: old and new together might not fit.
  release();
  data_ = allocate_aligned(bytes);
  if (data_ != nullptr) bytes_ = bytes;
  return data_;
}

void GrowingBuffer::release() {
  free_aligned(data_);
  data_ = nullptr;
  bytes_ = 0;
}

GrowingBuffer& scratch() {
  static GrowingBuffer buffer;
  return buffer;
}

namespace {

// Copies of arguments and results that live on JavaScript's side, for the length of one call.
GrowingBuffer& staging() {
  static GrowingBuffer buffer;
  return buffer;
}

// The address of `bytes` bytes, or 0 when there is no such memory.
std::uintptr_t allocate(std::size_t bytes, bool zeroed) {
  void* data = allocate_aligned(bytes);
  if (data != nullptr && zeroed) std::memset(data, 0, bytes);
  return reinterpret_cast<std::uintptr_t>(data);
}

void release(std::uintptr_t address) { free_aligned(pointer_to<void>(address)); }

std::uintptr_t stage(std::size_t bytes) {
  return reinterpret_cast<std::uintptr_t>(staging().ensure(bytes));
}

void release_buffers() {
  scratch().release();
  staging().release();
}

// By the numbers of byteCounts in web/package/src/engine.ts. One function: each costs its bindings.
std::size_t count_bytes(int count) {
  switch (count) {
    case 0:
      return live;
    case 1:
      return peak;
    case 2:
      return scratch().bytes();
    default:
      return staging().bytes();
  }
}

EMSCRIPTEN_BINDINGS(memory) {
  emscripten::function("allocate", &allocate);
  emscripten::function("release", &release);
  emscripten::function("stage", &stage);
  emscripten::function("releaseBuffers", &release_buffers);
  emscripten::function("countBytes", &count_bytes);
}

}  // namespace
}  // namespace convgrad::bindings
