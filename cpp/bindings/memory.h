// The module's memory: tensors that JavaScript owns, and the two buffers that calls share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "growing_buffer.h"

namespace convgrad::bindings {

// Enough for any vector type of the kernels, and what JavaScript may rely on.
inline constexpr std::size_t kAlignment = 16;

// `bytes` aligned to kAlignment, or null; to be given back to free_aligned().
[[nodiscard]] void* allocate_aligned(std::size_t bytes);
void free_aligned(void* data);

// The kernels' workspace, shared by all calls of the module.
[[nodiscard]] GrowingBuffer& scratch();

// Addresses cross the boundary as unsigned numbers: above 2 GiB a signed one would be negative.
template <typename T>
[[nodiscard]] T* pointer_to(std::uintptr_t address) {
  return reinterpret_cast<T*>(address);  // NOLINT(performance-no-int-to-ptr)
}

}  // namespace convgrad::bindings
