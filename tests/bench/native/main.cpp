#include <benchmark/benchmark.h>

#include "register.h"

int main(int argc, char** argv) {
  convgrad::bench::register_convolutions();
  convgrad::bench::register_poolings();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
