// What the pooling kernels share: rows in vectors, and groups of planes as tasks for threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/strided_columns.h"
#include "convgrad/shape.h"
#include "convgrad/simd.h"

namespace convgrad::kernels {

// Rows [row, row + rows) of the plane, columns [column, column + pitch) of them, with `padding`
// where they are outside; writes up to a vector behind the last.
[[gnu::noinline]] inline void copy_padded(const float* plane, const Pool2dShape& shape, Index row,
                                          Index column, Index rows, Index pitch, float padding,
                                          float* to) {
  const Index before = std::clamp<Index>(-column, 0, pitch),
              after = std::clamp(shape.w - column, before, pitch);
  const auto pad = [&](float* begin, const float* end) {
    for (; begin < end; begin += simd::kLanes) simd::store(begin, simd::broadcast(padding));
  };
  for (Index i = 0; i < rows; ++i, ++row, to += pitch) {
    const Index end = row >= 0 && row < shape.h ? after : before;
    pad(to, to + before);
    copy_columns(plane + row * shape.w + column + before, end - before, to + before);
    pad(to + end, to + pitch);
  }
}

// Whether the plane falls into whole windows of 2x2, the commonest pooling, at least a vector of
// them in a row: then nothing needs sorting or keeping.
inline bool tiles_2x2(const Pool2dShape& shape) {
  return shape.kernel_h == 2 && shape.kernel_w == 2 && shape.stride_h == 2 && shape.stride_w == 2 &&
         shape.dilation_h == 1 && shape.dilation_w == 1 && (shape.pad_top | shape.pad_left) == 0 &&
         2 * shape.oh <= shape.h && 2 * shape.ow <= shape.w && shape.ow >= simd::kLanes;
}

// Floats of input that make a task worth a thread's while.
inline constexpr Index kTaskFloats = 32 * 1024;

// The planes [begin, end), by one thread, with scratch memory that no other one has.
using PlaneFunction = void (*)(const void* context, Index begin, Index end, void* scratch,
                               int worker);

[[gnu::noinline]] inline void run_plane_groups(const Pool2dShape& shape, const Workspace& workspace,
                                               std::int64_t bytes, Index at_once, PlaneFunction run,
                                               const void* context) {
  const Index planes = shape.planes();
  const Index group =
      std::clamp<Index>(kTaskFloats / (shape.h * shape.w) / at_once, 1, planes) * at_once;
  parallel_for(workspace, (planes + group - 1) / group, [&](Index task, int worker) {
    run(context, task * group, std::min(planes, (task + 1) * group),
        static_cast<std::byte*>(workspace.data) + worker * bytes, worker);
  });
}

// Calls run(first plane, end, scratch, worker), with `bytes` of scratch memory, for groups of
// `at_once` planes or a multiple.
template <typename Run>
inline void for_each_plane_group(const Pool2dShape& shape, const Workspace& workspace,
                                 std::int64_t bytes, const Run& run, Index at_once = 1) {
  run_plane_groups(
      shape, workspace, bytes, at_once,
      [](const void* context, Index begin, Index end, void* scratch, int worker) {
        (*static_cast<const Run*>(context))(begin, end, scratch, worker);
      },
      &run);
}

}  // namespace convgrad::kernels
