// Runs the steps of the test run one after the other, and sums them up.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { root } from "../cpp/toolchain/setup/process.mjs";

/** For one command; fuzzing for longer than usual has that time besides. */
const patienceMs = (env) => 20 * 60_000 + 1000 * Number(env.CONVGRAD_FUZZ_SECONDS ?? 0);

// Lines by which ctest and Node's test runner close, and how many passed and failed in them.
const closings = [
  /^\d+% tests passed, \d+ tests failed out of \d+/,
  /^Total Test time/,
  /^ℹ (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) /,
];
const counts = [
  {
    pattern: /^\d+% tests passed, (\d+) tests failed out of (\d+)/,
    read: ([, failed, all]) => [all - failed, +failed],
  },
  { pattern: /^ℹ pass (\d+)/, read: ([, passed]) => [+passed, 0] },
  { pattern: /^ℹ (?:fail|cancelled) (\d+)/, read: ([, failed]) => [0, +failed] },
];

/** A child in its own process group, so that all it started ends with it. */
function run([command, ...args], env, onLine) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const end = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // Ended by itself.
      }
    };
    const interrupted = (signal) => {
      end();
      process.exit(signal === "SIGINT" ? 130 : 143);
    };
    process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
    let overdue = false;
    const timer = setTimeout(() => {
      overdue = true;
      end();
    }, patienceMs(env));

    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      process.stdout.write(text);
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) onLine(stripVTControlCharacters(line));
    });
    child.stderr.pipe(process.stderr, { end: false });
    const finish = (problem) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupted).off("SIGTERM", interrupted);
      resolve(problem);
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => {
      if (overdue) finish(`ended after ${patienceMs(env) / 60_000} minutes`);
      else finish(code === 0 ? null : signal ? `ended by ${signal}` : `exit code ${code}`);
    });
  });
}

/**
 * Runs a step's commands until one fails.
 * @param step { name, commands(): [program, ...arguments][], log?: ctest's log of the programs' output,
 *   env?: what its environment has besides }
 */
export async function runStep(step, env) {
  const result = { name: step.name, problem: null, seconds: 0, lines: [], passed: 0, failed: 0 };
  const started = performance.now();
  try {
    for (const command of step.commands()) {
      console.log(`\n=== ${step.name}: ${command.map((word) => word.replace(root, "")).join(" ")}`);
      const problem = await run(command, env, (line) => readClosing(line, result));
      if (problem) {
        result.problem = `${problem}: ${command.slice(0, 4).join(" ")}`;
        break;
      }
    }
  } catch (error) {
    result.problem = error.message;
  }
  if (step.log) result.lines.push(...readDoctest(join(root, step.log)));
  result.seconds = (performance.now() - started) / 1000;
  if (result.problem) console.error(`\n${step.name} failed: ${result.problem}`);
  return result;
}

function readClosing(line, result) {
  if (closings.some((pattern) => pattern.test(line))) result.lines.push(line);
  for (const { pattern, read } of counts) {
    const match = pattern.exec(line);
    if (!match) continue;
    const [passed, failed] = read(match);
    result.passed += passed;
    result.failed += failed;
  }
}

/** doctest's own totals, which ctest keeps in its log, summed over its programs. */
function readDoctest(log) {
  if (!existsSync(log)) return [];
  const text = stripVTControlCharacters(readFileSync(log, "utf8"));
  return ["test cases", "assertions"].flatMap((what) => {
    const pattern = new RegExp(`${what}:\\s*(\\d+) \\|\\s*(\\d+) passed \\|\\s*(\\d+) failed`, "g");
    const [all, passed, failed] = [...text.matchAll(pattern)].reduce(
      (sum, match) => sum.map((value, i) => value + Number(match[i + 1])),
      [0, 0, 0],
    );
    return all > 0 ? [`[doctest] ${what}: ${all} | ${passed} passed | ${failed} failed`] : [];
  });
}

/** Prints the runners' closing lines and the times; returns the exit code. */
export function summarize(results) {
  console.log("\n================ summaries of the runners ================");
  for (const { name, lines } of results.filter((result) => result.lines.length > 0)) {
    console.log(`\n${name}`);
    for (const line of lines) console.log(line);
  }

  console.log("\n================ steps and times ================\n");
  const width = Math.max(...results.map(({ name }) => name.length));
  for (const { name, seconds, problem } of results) {
    const verdict = problem ? `FAILED (${problem})` : "ok";
    console.log(`${name.padEnd(width)}  ${seconds.toFixed(1).padStart(7)} s  ${verdict}`);
  }
  const total = results.reduce((sum, { seconds }) => sum + seconds, 0);
  console.log(`${"all".padEnd(width)}  ${total.toFixed(1).padStart(7)} s\n`);

  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  // A step that failed without a failing test (it did not compile, say) counts as one failure.
  const failed = results.reduce(
    (sum, result) => sum + (result.problem ? Math.max(result.failed, 1) : result.failed),
    0,
  );
  console.log(`total: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
