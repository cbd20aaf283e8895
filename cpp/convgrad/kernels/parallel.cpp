#include "convgrad/kernels/parallel.h"

namespace convgrad::kernels {

void parallel_run(const Workspace& workspace, Index tasks, ThreadPool::Job run, void* context) {
  if (workspace.pool != nullptr && workspace.pool->threads() > 1 && tasks > 1) {
    return workspace.pool->run(tasks, run, context);
  }
  for (Index task = 0; task < tasks; ++task) run(context, task, 0);
}

}  // namespace convgrad::kernels
