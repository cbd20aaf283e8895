// One run of the laboratory, as the worker does it: data, results, agreement, times. What it finds is
// reported as it is found, so that a run which is stopped keeps what it had.
import type { ConvGrad } from "convgrad";
import { makeRunner, type Results, type Runner } from "./runners.ts";
import { type Pass, type Path, passesOf, type Settings } from "./settings.ts";
import { type Clock, type Job, type Series, type TimingEnd, takeTimes } from "./timing.ts";
import {
  type Agreement,
  type ChapterCheck,
  chapterChecks,
  judge,
  makeYardstick,
} from "./verify.ts";
import { makeWorkload, type Workload } from "./workload.ts";

/** All tensors to look at: the data, and the results of one path. */
export interface Tensors {
  readonly path: Path;
  readonly work: Omit<Workload, "settings">;
  readonly results: Results;
}

export type Report =
  | { readonly kind: "stage"; readonly stage: Stage; readonly done: number; readonly of: number }
  | { readonly kind: "tensors"; readonly tensors: Tensors }
  | {
      readonly kind: "agreement";
      readonly agreement: readonly Agreement[];
      readonly checks: readonly ChapterCheck[];
    }
  | { readonly kind: "series"; readonly series: readonly Series[] };

export type Stage = "data" | "reference" | "compare" | "time";

/** Milliseconds between two reports of the same kind while times are taken. */
const REPORT_EVERY = 100;

/**
 * Runs everything that the settings say.
 * @param pixels the input where it is not random
 * @param step the clock's step in milliseconds
 * @throws ConvGradError as the package's calls do
 */
export async function runExperiment(
  cg: ConvGrad,
  settings: Settings,
  pixels: Float32Array | undefined,
  step: number,
  clock: Clock,
  report: (report: Report) => void,
): Promise<TimingEnd> {
  const passes = passesOf(settings.direction);
  const stage = (name: Stage, done: number, of: number) =>
    report({ kind: "stage", stage: name, done, of });
  const runners = new Map<Path, Runner>();
  try {
    stage("data", 0, 1);
    const work = makeWorkload(settings, pixels);
    if (await clock.pause()) return "cancelled";

    stage("reference", 0, 1);
    const yardstick = makeYardstick(cg, work, passes);
    const agreement: Agreement[] = [];
    const results = new Map<Path, Results>();
    for (const [index, path] of settings.paths.entries()) {
      if (await clock.pause()) return "cancelled";
      stage("compare", index, settings.paths.length);
      const runner = makeRunner(path, cg, work);
      runners.set(path, runner);
      runner.forward();
      if (passes.includes("backward")) runner.backward();
      const found = runner.results(passes);
      if (index === 0) report({ kind: "tensors", tensors: { path, work, results: found } });
      if (path !== "reference") agreement.push(...judge(path, found, yardstick));
      if (path === "direct" || path === "im2col") results.set(path, found);
    }
    const [direct, im2col] = [results.get("direct"), results.get("im2col")];
    const checks = direct && im2col ? chapterChecks(direct, im2col, yardstick) : [];
    report({ kind: "agreement", agreement, checks });
    return await timeAll(settings, passes, runners, step, clock, report, stage);
  } finally {
    for (const runner of runners.values()) runner.dispose();
    cg.releaseMemory();
  }
}

async function timeAll(
  settings: Settings,
  passes: readonly Pass[],
  runners: ReadonlyMap<Path, Runner>,
  step: number,
  clock: Clock,
  report: (report: Report) => void,
  stage: (name: Stage, done: number, of: number) => void,
): Promise<TimingEnd> {
  const jobs: Job[] = [...runners].flatMap(([path, runner]) =>
    passes.map((pass) => ({ path, pass, call: () => runner[pass]() })),
  );
  const { loops, rounds, timeLimit } = settings;
  const plan = { loops, rounds, limit: timeLimit * 1000, step };
  stage("time", 0, Math.min(rounds, loops) * jobs.length);
  let latest: readonly Series[] = [];
  let reported = clock.now();
  const tell = () => {
    const done = latest.reduce((sum, { samples }) => sum + samples.length, 0);
    stage("time", done, Math.min(rounds, loops) * jobs.length);
    report({ kind: "series", series: latest });
  };
  const end = await takeTimes(jobs, plan, clock, (series) => {
    latest = series;
    if (clock.now() - reported < REPORT_EVERY) return;
    reported = clock.now();
    tell();
  });
  tell();
  return end;
}
