// A piece of memory that is kept from call to call and only ever replaced by a larger one.
#pragma once

#include <cstddef>

namespace convgrad::bindings {

class GrowingBuffer {
 public:
  GrowingBuffer() = default;
  ~GrowingBuffer() { release(); }
  GrowingBuffer(const GrowingBuffer&) = delete;
  GrowingBuffer& operator=(const GrowingBuffer&) = delete;

  // At least `bytes` bytes, aligned to 16, with whatever is in them; valid until the next call of
  // this object. Null when there is no such memory: the buffer is empty then, and usable again.
  [[nodiscard]] void* ensure(std::size_t bytes);
  void release();
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace convgrad::bindings
