// The worker: the package runs here, away from the page, which therefore never waits.
import { type ConvGrad, ConvGradError, type LoadOptions, load } from "convgrad";
import { workAll } from "../sections/examples/model/index.ts";
import { type Host, runExperiment } from "../sections/lab/run.ts";
import type { Build } from "../sections/lab/settings.ts";
import { runSweep } from "../sections/lab/sweepRun.ts";
import {
  computations,
  type LessonId,
  type ResultOf,
  type StateOf,
} from "../sections/lesson/compute.ts";
import { clockStep, turn } from "./clock.ts";
import type { Answered, Asked, Name, Outcome, Questions } from "./protocol.ts";

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

type Api = {
  readonly [N in Name]: (
    about: Questions[N]["about"],
    report: (report: Questions[N]["report"]) => void,
  ) => Promise<Questions[N]["value"]>;
};

const api: Api = {
  start: async () => {
    const { cg, step } = await engine();
    return { ...cg.info, clockStep: step };
  },
  examples: async () => workAll((await engine()).cg),
  lesson: async ({ id, state }) => {
    // Sent as a pair, of which the types no longer say that they belong together.
    const compute = computations[id] as (
      cg: ConvGrad,
      state: StateOf<LessonId>,
    ) => ResultOf<LessonId>;
    return compute((await engine()).cg, state);
  },
  run: async ({ settings, pixels }, report) => {
    cancelled = false;
    return runExperiment(await host(), settings, pixels, report);
  },
  sweep: async (steps, report) => {
    cancelled = false;
    return runSweep(await host(), steps, report);
  },
  cancel: async () => {
    cancelled = true;
    shown();
  },
  hide: async (now) => {
    hidden = now;
    wasHidden ||= now;
    if (!now) shown();
  },
};

async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const code = error instanceof ConvGradError ? error.code : undefined;
    return { failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

const answer = (message: Answered) => postMessage(message);

addEventListener("message", async ({ data }: MessageEvent<Asked>) => {
  const { id, name, about } = data;
  const report = (report: unknown) => answer({ id, report });
  // Each name has a type of its own, which ended at the message.
  const work = api[name] as (about: unknown, tell: typeof report) => Promise<unknown>;
  answer({ id, outcome: await outcomeOf(() => work(about, report)) });
});
