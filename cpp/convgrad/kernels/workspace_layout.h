// Lays the arrays of a kernel out in its workspace: the same plan sizes the memory and hands it
// out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "convgrad/algorithm.h"

namespace convgrad::kernels {

// Floats between what one thread writes and what others do or read: two lines of a cache, which a
// thread would otherwise have to wait for again and again.
inline constexpr Index kLineGap = 32;

class WorkspaceLayout {
 public:
  // Reserves `count` elements of T and returns their position, for at().
  template <typename T>
  [[nodiscard]] std::int64_t reserve(std::int64_t count) {
    const std::int64_t position = bytes_;
    // Whole doubles, so that every array keeps the alignment that a Workspace promises.
    const auto size = static_cast<std::int64_t>(sizeof(T));
    bytes_ += (count * size + 7) / 8 * 8;
    return position;
  }

  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

  // What lies behind the arrays.
  [[nodiscard]] Workspace rest(Workspace workspace) const {
    workspace.data = at<std::byte>(workspace.data, bytes_);
    return workspace;
  }

  template <typename T>
  [[nodiscard]] static T* at(void* workspace, std::int64_t position) {
    return reinterpret_cast<T*>(static_cast<std::byte*>(workspace) + position);
  }

 private:
  std::int64_t bytes_ = 0;
};

}  // namespace convgrad::kernels
