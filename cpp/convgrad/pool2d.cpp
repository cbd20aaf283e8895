// Pooling's public functions: which kernel runs is decided here, and only here.
#include "convgrad/pool2d.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "convgrad/kernels/parallel.h"
#include "convgrad/kernels/pool2d_kernels.h"

namespace convgrad {
namespace {

using namespace kernels;  // NOLINT(google-build-using-namespace): this file is the kernels' index.

// What kAuto stands for.
Algorithm choose(Algorithm algorithm) {
  return algorithm == Algorithm::kAuto ? Algorithm::kDirect : algorithm;
}

// Winograd's algorithms are convolution's.
bool applies(Algorithm algorithm) { return algorithm <= Algorithm::kReference; }

std::int64_t workspace_bytes(const Pool2dShape& shape, Algorithm algorithm, int threads) {
  if (shape.n == 0) return 0;
  switch (choose(algorithm)) {
    case Algorithm::kDirect:
      return std::max(pool2d_forward_direct_workspace(shape, threads),
                      pool2d_backward_direct_workspace(shape, threads));
    case Algorithm::kIm2col:
      return pool2d_im2col_workspace(shape, threads);
    default:
      return 0;
  }
}

bool suffices(const Pool2dShape& shape, Algorithm algorithm, const Workspace& workspace) {
  const std::int64_t bytes = workspace_bytes(shape, algorithm, worker_count(workspace));
  return bytes == 0 || (workspace.data != nullptr &&
                        static_cast<std::uint64_t>(bytes) <= std::uint64_t{workspace.bytes});
}

// Whether every index lies in [0, plane). No way out at the first that does not: the loop then runs
// in vectors. The top bit is set where i > last, last - i wrapping around, or where i is negative.
bool all_inside(const std::int32_t* indices, Index count, Index plane) {
  const auto last = static_cast<std::uint32_t>(plane - 1);
  std::uint32_t seen = 0;
  for (Index j = 0; j < count; ++j) {
    const auto i = static_cast<std::uint32_t>(indices[j]);
    seen |= i | (last - i);
  }
  return (seen >> 31) == 0;
}

}  // namespace

Status pool2d_workspace(const Pool2dShape& shape, Algorithm algorithm, std::size_t* bytes,
                        int threads) {
  if (!applies(algorithm)) return Status::kBadArgument;
  const std::int64_t wanted = workspace_bytes(shape, algorithm, threads);
  if (wanted > std::numeric_limits<Index>::max()) return Status::kTooLarge;
  *bytes = static_cast<std::size_t>(wanted);
  return Status::kOk;
}

Status max_pool2d_forward(const Pool2dShape& shape, Algorithm algorithm, const float* x, float* y,
                          std::int32_t* indices, Workspace workspace) {
  if (!applies(algorithm)) return Status::kBadArgument;
  if (!suffices(shape, algorithm, workspace)) return Status::kWorkspaceTooSmall;
  if (shape.n == 0) return Status::kOk;
  assert(x != nullptr && y != nullptr && indices != nullptr);
  switch (choose(algorithm)) {
    case Algorithm::kDirect:
      max_pool2d_forward_direct(shape, x, y, indices, workspace);
      break;
    case Algorithm::kIm2col:
      max_pool2d_forward_im2col(shape, x, y, indices, workspace);
      break;
    default:
      max_pool2d_forward_reference(shape, x, y, indices);
  }
  return Status::kOk;
}

Status max_pool2d_backward(const Pool2dShape& shape, Algorithm algorithm, const float* dy,
                           const std::int32_t* indices, float* dx, Workspace workspace) {
  if (!applies(algorithm)) return Status::kBadArgument;
  if (!suffices(shape, algorithm, workspace)) return Status::kWorkspaceTooSmall;
  if (shape.n == 0) return Status::kOk;
  assert(dy != nullptr && indices != nullptr && dx != nullptr);
  if (!all_inside(indices, shape.y_size(), shape.h * shape.w)) return Status::kBadArgument;
  switch (choose(algorithm)) {
    case Algorithm::kDirect:
      max_pool2d_backward_direct(shape, dy, indices, dx, workspace);
      break;
    case Algorithm::kIm2col:
      max_pool2d_backward_im2col(shape, dy, indices, dx, workspace);
      break;
    default:
      max_pool2d_backward_reference(shape, dy, indices, dx);
  }
  return Status::kOk;
}

Status avg_pool2d_forward(const Pool2dShape& shape, Algorithm algorithm, const float* x, float* y,
                          Workspace workspace) {
  if (!applies(algorithm)) return Status::kBadArgument;
  if (!suffices(shape, algorithm, workspace)) return Status::kWorkspaceTooSmall;
  if (shape.n == 0) return Status::kOk;
  assert(x != nullptr && y != nullptr);
  switch (choose(algorithm)) {
    case Algorithm::kDirect:
      avg_pool2d_forward_direct(shape, x, y, workspace);
      break;
    case Algorithm::kIm2col:
      avg_pool2d_forward_im2col(shape, x, y, workspace);
      break;
    default:
      avg_pool2d_forward_reference(shape, x, y);
  }
  return Status::kOk;
}

Status avg_pool2d_backward(const Pool2dShape& shape, Algorithm algorithm, const float* dy,
                           float* dx, Workspace workspace) {
  if (!applies(algorithm)) return Status::kBadArgument;
  if (!suffices(shape, algorithm, workspace)) return Status::kWorkspaceTooSmall;
  if (shape.n == 0) return Status::kOk;
  assert(dy != nullptr && dx != nullptr);
  switch (choose(algorithm)) {
    case Algorithm::kDirect:
      avg_pool2d_backward_direct(shape, dy, dx, workspace);
      break;
    case Algorithm::kIm2col:
      avg_pool2d_backward_im2col(shape, dy, dx, workspace);
      break;
    default:
      avg_pool2d_backward_reference(shape, dy, dx);
  }
  return Status::kOk;
}

}  // namespace convgrad
