// The worker: the package runs here, away from the page, which therefore never waits.
import { expose, type Remote, releaseProxy } from "comlink";
import { type ConvGrad, ConvGradError, type LoadOptions, load } from "convgrad";
import { workAll } from "../sections/examples/model/index.ts";
import { type Host, type Report, runExperiment } from "../sections/lab/run.ts";
import type { Build } from "../sections/lab/settings.ts";
import { runSweep, type SweepReport } from "../sections/lab/sweepRun.ts";
import {
  computations,
  type LessonId,
  type ResultOf,
  type StateOf,
} from "../sections/lesson/compute.ts";
import { clockStep, turn } from "./clock.ts";
import type { Outcome, WorkerApi } from "./protocol.ts";

let loaded: Promise<{ cg: ConvGrad; step: number }> | undefined;
let cancelled = false;

function engine(): Promise<{ cg: ConvGrad; step: number }> {
  loaded ??= load().then((cg) => ({ cg, step: clockStep() }));
  return loaded;
}

/** Whether the page is hidden, and whether it was since that was last asked. */
let hidden = false;
let wasHidden = false;
let shown = () => {};

const clock = {
  now: () => performance.now(),
  pause: async () => {
    await turn();
    while (hidden && !cancelled) {
      await new Promise<void>((resolve) => {
        shown = resolve;
      });
    }
    return cancelled;
  },
  wasHidden: () => {
    const was = wasHidden;
    wasHidden = hidden;
    return was;
  },
};

const builds: Record<Build, LoadOptions> = {
  main: { threads: 1 },
  baseline: { threads: 1, simd: "baseline" },
  threads: { threads: "auto" },
};

/** Each run has instances of its own, so that loading and first calls are those of a new visitor. */
async function host(): Promise<Host> {
  const { step } = await engine();
  const open = async (build: Build) => {
    const started = performance.now();
    const cg = await load(builds[build]);
    return { cg, ms: performance.now() - started };
  };
  return { open, clock, step };
}

const api: WorkerApi = {
  start: () =>
    outcome(async () => {
      const { cg, step } = await engine();
      return { ...cg.info, clockStep: step };
    }),
  examples: () => outcome(async () => workAll((await engine()).cg)),
  lesson: (id, state) =>
    outcome(async () => {
      // Sent as a pair, of which the types no longer say that they belong together.
      const compute = computations[id] as (
        cg: ConvGrad,
        state: StateOf<LessonId>,
      ) => ResultOf<LessonId>;
      return compute((await engine()).cg, state);
    }),
  run: (settings, pixels, report) =>
    work(report, (host, tell: (report: Report) => void) =>
      runExperiment(host, settings, pixels, tell),
    ),
  sweep: (steps, report) =>
    work(report, (host, tell: (report: SweepReport) => void) => runSweep(host, steps, tell)),
  cancel: () => {
    cancelled = true;
    shown();
  },
  hide: (now) => {
    hidden = now;
    wasHidden ||= now;
    if (!now) shown();
  },
};

/** Work of the laboratory that reports as it goes. */
function work<R, T>(
  report: (report: R) => unknown,
  run: (host: Host, tell: (report: R) => void) => Promise<T>,
): Promise<Outcome<T>> {
  return outcome(async () => {
    cancelled = false;
    // Reports travel on a channel of their own: the outcome must not overtake the last of them.
    let told: unknown;
    const tell = (found: R) => {
      told = report(found);
    };
    try {
      return await run(await host(), tell);
    } finally {
      await told;
      (report as Remote<typeof report>)[releaseProxy]();
    }
  });
}

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const code = error instanceof ConvGradError ? error.code : undefined;
    return { failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

expose(api);
