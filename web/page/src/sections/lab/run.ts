// One run of the laboratory, as the worker does it: data, results, agreement, times. What it finds is
// reported as it is found, so that a run which is stopped keeps what it had.
import type { ConvGrad, PhaseTime } from "convgrad";
import {
  type AdjointCheck,
  adjointChecks,
  type NumericalCheck,
  numericalChecks,
} from "./checks.ts";
import { makeRunner, type Results, type Runner } from "./runners.ts";
import { type Build, type Line, linesOf, type Pass, passesOf, type Settings } from "./settings.ts";
import { summarise } from "./statistics.ts";
import { type Clock, type Job, type Timing, type TimingEnd, takeTimes } from "./timing.ts";
import {
  type Agreement,
  type ChapterCheck,
  chapterChecks,
  judge,
  makeYardstick,
  type Yardstick,
  yardstickFor,
} from "./verify.ts";
import { makeWorkload, type Workload } from "./workload.ts";

/** All tensors to look at: the data, and the results of one line. */
export interface Tensors {
  readonly line: Line;
  readonly work: Omit<Workload, "settings">;
  readonly results: Results;
}

/** An instance of the package, and what it took to have it. */
export interface Load {
  readonly build: Build;
  readonly simd: "baseline" | "relaxed";
  readonly threads: number;
  readonly ms: number;
}

/** A line's very first call, in milliseconds. */
export interface FirstCall {
  readonly line: Line;
  readonly pass: Pass;
  readonly ms: number;
}

/** Where the time of a call goes, and the memory that the call works in. */
export interface Phases {
  readonly line: Line;
  readonly pass: Pass;
  /** Milliseconds a call. */
  readonly phases: readonly PhaseTime[];
  readonly scratch: number;
}

export interface Findings {
  readonly loads: readonly Load[];
  readonly firstCalls: readonly FirstCall[];
  readonly tensors: Tensors;
  readonly agreement: readonly Agreement[];
  readonly checks: readonly ChapterCheck[];
  readonly adjoint: readonly AdjointCheck[];
  readonly numerical: readonly NumericalCheck[];
  readonly timing: Timing;
  readonly phases: readonly Phases[];
}

export type Stage = "load" | "data" | "reference" | "compare" | "differences" | "time" | "phases";

export type Report =
  | { readonly kind: "stage"; readonly stage: Stage; readonly done: number; readonly of: number }
  | { readonly kind: "found"; readonly found: Partial<Findings> };

/** What a run needs of where it runs. */
export interface Host {
  /** A fresh instance of the package, and how many milliseconds it took. */
  open(build: Build): Promise<{ readonly cg: ConvGrad; readonly ms: number }>;
  readonly clock: Clock;
  /** The clock's step in milliseconds. */
  readonly step: number;
}

/** Milliseconds between two reports of the same kind while times are taken. */
const REPORT_EVERY = 150;
/** Phases are averaged over calls of so many milliseconds together: some last less than the clock's step. */
const PROFILED_TIME = 25;

/**
 * Runs everything that the settings say.
 * @param pixels the input where it is not random
 * @throws ConvGradError as the package's calls do
 */
export async function runExperiment(
  host: Host,
  settings: Settings,
  pixels: Float32Array | undefined,
  report: (report: Report) => void,
): Promise<TimingEnd> {
  const { clock } = host;
  const passes = passesOf(settings.direction);
  const lines = linesOf(settings);
  const stage = (name: Stage, done = 0, of = 1) => report({ kind: "stage", stage: name, done, of });
  const found = (what: Partial<Findings>) => report({ kind: "found", found: what });
  const instances = new Map<Build, ConvGrad>();
  const runners = new Map<Line, Runner>();
  try {
    stage("load");
    const loads: Load[] = [];
    for (const build of new Set<Build>(["main", ...lines.map(({ build }) => build)])) {
      const { cg, ms } = await host.open(build);
      instances.set(build, cg);
      loads.push({ build, simd: cg.info.simd, threads: cg.info.threads, ms });
    }
    found({ loads });
    const main = instances.get("main") as ConvGrad;

    stage("data");
    const work = makeWorkload(settings, pixels);
    if (await clock.pause()) return "cancelled";

    stage("reference");
    const yardstick = makeYardstick(main, work, passes);
    const agreement: Agreement[] = [];
    const adjoint: AdjointCheck[] = [];
    const firstCalls: FirstCall[] = [];
    const results = new Map<Line, Results>();
    const yardsticks = new Map<Line, Yardstick>();
    for (const [index, line] of lines.entries()) {
      if (await clock.pause()) return "cancelled";
      stage("compare", index, lines.length);
      const runner = makeRunner(line.path, instances.get(line.build) as ConvGrad, work);
      runners.set(line, runner);
      // Pooling goes backward from the indices of its forward pass, timed or not.
      for (const pass of passesOf(passes.includes("backward") ? "both" : "forward")) {
        const started = clock.now();
        runner[pass]();
        if (passes.includes(pass)) firstCalls.push({ line, pass, ms: clock.now() - started });
      }
      const given = runner.results(passes);
      if (index === 0) found({ tensors: { line, work, results: given } });
      if (line.path === "reference") continue;
      const own = yardstickFor(line.path, yardstick);
      results.set(line, given);
      yardsticks.set(line, own);
      agreement.push(...judge(line, given, own));
      adjoint.push(...adjointChecks(line, work, given, own));
    }
    const of = (path: Line["path"]) => results.get(lines.find(({ id }) => id === path) as Line);
    const [direct, im2col] = [of("direct"), of("im2col")];
    const checks = direct && im2col ? chapterChecks(direct, im2col, yardstick) : [];
    found({ agreement, adjoint, checks, firstCalls });
    if (passes.includes("backward")) {
      stage("differences");
      if (await clock.pause()) return "cancelled";
      const yardstickOf = (line: Line) => yardsticks.get(line) as Yardstick;
      found({ numerical: numericalChecks(main, work, results, yardstickOf) });
    }

    const { end, timing } = await timeAll(host, settings, passes, runners, found, stage);
    if (end === "cancelled") return end;
    stage("phases");
    const callsOf = (line: Line, pass: Pass) => {
      const series = timing?.series.find((each) => each.line === line && each.pass === pass);
      const median = summarise(series?.samples ?? [])?.median ?? PROFILED_TIME;
      return Math.ceil(PROFILED_TIME / median);
    };
    found({ phases: profileAll(runners, instances, passes, callsOf) });
    return end;
  } finally {
    for (const runner of runners.values()) runner.dispose();
    for (const cg of instances.values()) cg.dispose();
  }
}

async function timeAll(
  { clock, step }: Host,
  settings: Settings,
  passes: readonly Pass[],
  runners: ReadonlyMap<Line, Runner>,
  found: (what: Partial<Findings>) => void,
  stage: (name: Stage, done?: number, of?: number) => void,
): Promise<{ readonly end: TimingEnd; readonly timing: Timing | undefined }> {
  const jobs: Job[] = [...runners].flatMap(([line, runner]) =>
    passes.map((pass) => ({ line, pass, call: () => runner[pass]() })),
  );
  const { rounds, timeLimit, seed } = settings;
  stage("time", 0, rounds);
  let latest: Timing | undefined;
  let reported = clock.now();
  const tell = () => {
    if (!latest) return;
    stage("time", latest.rounds, Math.max(rounds, latest.rounds));
    found({ timing: latest });
  };
  const plan = { rounds, limit: timeLimit * 1000, step, seed };
  const end = await takeTimes(jobs, plan, clock, (timing) => {
    latest = timing;
    if (clock.now() - reported < REPORT_EVERY) return;
    reported = clock.now();
    tell();
  });
  tell();
  return { end, timing: latest };
}

/** The phases of every line of the package, and the scratch memory of the last call. */
function profileAll(
  runners: ReadonlyMap<Line, Runner>,
  instances: ReadonlyMap<Build, ConvGrad>,
  passes: readonly Pass[],
  callsOf: (line: Line, pass: Pass) => number,
): Phases[] {
  return [...runners].flatMap(([line, runner]) => {
    const cg = instances.get(line.build);
    if (!cg || line.path === "reference" || line.path === "plain") return [];
    return passes.map((pass) => {
      cg.releaseMemory();
      runner[pass]();
      const { scratch } = cg.memory();
      const calls = callsOf(line, pass);
      const { phases } = cg.profile(() => {
        for (let call = 0; call < calls; ++call) runner[pass]();
      });
      const each = phases.map(({ name, ms }) => ({ name, ms: ms / calls }));
      return { line, pass, phases: each, scratch };
    });
  });
}
