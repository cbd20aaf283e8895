// The worker: the package runs here, away from the page, which therefore never waits.
import { expose, type Remote, releaseProxy } from "comlink";
import { type ConvGrad, ConvGradError, load } from "convgrad";
import { workAll } from "../sections/examples/model/index.ts";
import { type Report, runExperiment } from "../sections/lab/run.ts";
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

const clock = {
  now: () => performance.now(),
  pause: async () => {
    await turn();
    return cancelled;
  },
};

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
    outcome(async () => {
      cancelled = false;
      const { cg, step } = await engine();
      // Reports travel on a channel of their own: the outcome must not overtake the last of them.
      let told: unknown;
      const tell = (found: Report) => {
        told = report(found);
      };
      try {
        return await runExperiment(cg, settings, pixels, step, clock, tell);
      } finally {
        await told;
        (report as Remote<typeof report>)[releaseProxy]();
      }
    }),
  cancel: () => {
    cancelled = true;
  },
};

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const code = error instanceof ConvGradError ? error.code : undefined;
    return { failure: { code, message: error instanceof Error ? error.message : String(error) } };
  }
}

expose(api);
