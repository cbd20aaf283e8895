// `native`: the same table on the native library, compiled for this machine, with Google Benchmark.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { cmakeEnvironment } from "../../cpp/toolchain/build.mjs";
import { root, SetupError } from "../../cpp/toolchain/setup/process.mjs";
import { runQuietly } from "./setup.mjs";

const preset = "bench";
const program = join(root, "build", preset, "tests", "bench", "native", "convgrad_bench");

/** Builds the program and runs it for shapes of these names; what it prints is the report. */
export function runNative(state, names, algorithms) {
  if (names.length === 0) return;
  const env = cmakeEnvironment(state);
  runQuietly(["cmake", "--preset", preset], env);
  runQuietly(["cmake", "--build", "--preset", preset, "--target", "convgrad_bench"], env);
  // Its own names are "forward/SHAPE/ALGORITHM".
  const pattern = `/(${names.join("|")})/(${algorithms.join("|")})$`;
  const { status } = spawnSync(program, [`--benchmark_filter=${pattern}`], { stdio: "inherit" });
  if (status !== 0) throw new SetupError("the native benchmark failed");
}
