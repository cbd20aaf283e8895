#include "convgrad/kernels/dw_tasks.h"

#include <algorithm>

namespace convgrad::kernels {

void DwTasks::run_tasks(const Conv2dShape& shape, Reduction reduction, double* sums, float* dw,
                        const Workspace& workspace,
                        void (*accumulate)(void* context, const DwTask& task, int worker),
                        void* context) const {
  const Index chunks = chunks_.parts(), taps = shape.r * shape.s;
  const double scale = reduction == Reduction::kMean ? static_cast<double>(shape.n) : 1.0;
  parallel_for(workspace, task_count(shape), [&](Index number, int worker) {
    const Index chunk = number % chunks, block = number / chunks % blocks_.parts();
    const Index g = number / chunks / blocks_.parts(), c = block_begin(block);
    const Index channels = block_begin(block + 1) - c;
    double* own = sums + (chunks == 1 ? worker : number) * sums_;
    if (!once_) std::fill_n(own, sums_, 0.0);
    const DwSums target =
        once_ ? DwSums{.sums = nullptr,
                       .dw = dw + (g * shape.group_k() * shape.group_c() + c) * taps,
                       .pitch = shape.group_c() * taps}
              : DwSums{.sums = own, .dw = nullptr, .pitch = channels * taps};
    accumulate(context,
               {.g = g,
                .c = c,
                .channels = channels,
                .step = chunks_.begin(chunk),
                .last_step = chunks_.begin(chunk + 1),
                .sums = target},
               worker);
    if (!once_ && chunks == 1) store(shape, number, 1, own, scale, dw);
  });
  if (chunks == 1) return;
  for (Index block = 0; block < task_count(shape) / chunks; ++block) {
    store(shape, block, chunks, sums + block * chunks * sums_, scale, dw);
  }
}

void DwTasks::store(const Conv2dShape& shape, Index block_number, Index chunks, double* sums,
                    double scale, float* dw) const {
  const Index g = block_number / blocks_.parts(), block = block_number % blocks_.parts();
  const Index taps = shape.r * shape.s, c = block_begin(block);
  const Index count = (block_begin(block + 1) - c) * taps;
  for (Index chunk = 1; chunk < chunks; ++chunk) {
    for (Index i = 0; i < sums_; ++i) sums[i] += sums[chunk * sums_ + i];
  }
  // Loops of their own: divisions take as long as a small layer's products.
  if (scale != 1.0) {
    for (Index i = 0; i < sums_; ++i) sums[i] /= scale;
  }
  for (Index k = 0; k < shape.group_k(); ++k) {
    float* out = dw + ((g * shape.group_k() + k) * shape.group_c() + c) * taps;
    const double* of_channel = sums + k / lanes_ * count * lanes_ + k % lanes_;
    for (Index i = 0; i < count; ++i) out[i] = static_cast<float>(of_channel[i * lanes_]);
  }
}

}  // namespace convgrad::kernels
