// The page's end of the worker. A worker that is stuck in a long call is replaced.
import { signal } from "@preact/signals";
import { proxy, type Remote, wrap } from "comlink";
import type { Worked } from "../sections/examples/model/worked.ts";
import type { Report } from "../sections/lab/run.ts";
import type { Settings } from "../sections/lab/settings.ts";
import type { SweepStep } from "../sections/lab/sweep.ts";
import type { SweepReport } from "../sections/lab/sweepRun.ts";
import type { TimingEnd } from "../sections/lab/timing.ts";
import type { LessonId, ResultOf, StateOf } from "../sections/lesson/compute.ts";
import type { Engine, Failure, Outcome, WorkerApi } from "./protocol.ts";
import { spawn } from "./spawn.ts";

/** What runs, or why nothing does; undefined until it is known. */
export const engine = signal<Outcome<Engine> | undefined>(undefined);

/** How long a cancelled run may take to stop by itself, in milliseconds. */
const PATIENCE = 400;
/** How long a worker may answer nothing while it starts the package, and how many may be given up. */
const DEAF = 3000;
const MOST_DEAF = 3;

interface Connection {
  readonly worker: Worker;
  readonly api: Remote<WorkerApi>;
  /** Settles, with why, when the worker is of no more use. */
  readonly gone: Promise<Outcome<never>>;
  readonly end: (failure: Failure) => void;
  /** Whether it has got over the start of the package, which it is told first of all. */
  readonly over: Promise<boolean>;
}

let connection: Connection | undefined;
let deaf = 0;

function connect(): Connection {
  if (connection) return connection;
  const worker = spawn();
  const { promise: gone, resolve } = withResolvers<Outcome<never>>();
  const end = (failure: Failure) => {
    worker.terminate();
    if (connection?.worker === worker) connection = undefined;
    resolve({ failure });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end({ code: undefined, message: event.message || "the worker could not be started" });
  };
  const api = wrap<WorkerApi>(worker);
  connection = {
    worker,
    api,
    gone,
    end,
    over: Promise.race([getOver(api), gone.then(() => true)]),
  };
  return connection;
}

async function getOver(api: Remote<WorkerApi>): Promise<boolean> {
  const ask = () => api.hide(document.hidden);
  // However long its script takes to come.
  await ask();
  void api.start();
  const { promise: late, resolve } = withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), DEAF);
  const over = await Promise.race([ask().then(() => true), late]);
  clearTimeout(timer);
  return over;
}

/**
 * The worker, once it has got over the start. While developer tools or WebDriver watch, Firefox may never
 * return from the constructor of a worker inside of a worker, as the package's threads are: one that got
 * stuck there is replaced.
 */
async function ready(): Promise<Connection> {
  for (;;) {
    const current = connect();
    if (await current.over) return current;
    // All who wait for it come here; the first of them replaces it.
    if (current === connection) ++deaf;
    current.end({ code: undefined, message: "the worker does not answer" });
    if (deaf >= MOST_DEAF) return current;
  }
}

document.addEventListener("visibilitychange", () => void connection?.api.hide(document.hidden));

/** Starts the worker and the package in it. */
export async function start(): Promise<void> {
  const { api, gone } = await ready();
  engine.value = await Promise.race([api.start(), gone]);
}

export async function workExamples(): Promise<Outcome<readonly Worked[]>> {
  const { api, gone } = await ready();
  return Promise.race([api.examples(), gone]);
}

/** What a section of the lesson shows for a state of it. */
export async function computeLesson<I extends LessonId>(
  id: I,
  state: StateOf<I>,
): Promise<Outcome<ResultOf<I>>> {
  const { api, gone } = await ready();
  return Promise.race([api.lesson(id, state) as Promise<Outcome<ResultOf<I>>>, gone]);
}

/** A run: how it ends, and how to end it. */
export interface Run {
  readonly ended: Promise<Outcome<TimingEnd>>;
  readonly cancel: () => void;
}

export function run(
  settings: Settings,
  pixels: Float32Array | undefined,
  report: (report: Report) => void,
): Run {
  return supervise((api, guard) => api.run(settings, pixels, guard(report)));
}

export function sweep(steps: readonly SweepStep[], report: (report: SweepReport) => void): Run {
  return supervise((api, guard) => api.sweep(steps, guard(report)));
}

type Guard = <R>(report: (report: R) => void) => (report: R) => void;

const CANCELLED: Outcome<TimingEnd> = { value: "cancelled" };
/** Two laboratories must not disturb each other's times: their works wait for each other. */
let lastWork: Promise<unknown> = Promise.resolve();

/** Starts work that reports and can be cancelled. */
function supervise(
  begin: (api: Remote<WorkerApi>, guard: Guard) => Promise<Outcome<TimingEnd>>,
): Run {
  let working: Connection | undefined;
  let over = false;
  let stopping = false;
  const guard: Guard = (report) =>
    proxy((found) => {
      if (!over) report(found);
    });
  const work = async (): Promise<Outcome<TimingEnd>> => {
    if (stopping) return CANCELLED;
    const current = await ready();
    if (stopping) return CANCELLED;
    working = current;
    const outcome = await Promise.race([begin(working.api, guard), working.gone]);
    over = true;
    // A worker that had to be ended did what was asked for.
    return stopping && "failure" in outcome ? CANCELLED : outcome;
  };
  const ended = lastWork.then(work);
  lastWork = ended.catch(() => undefined);
  const cancel = () => {
    stopping = true;
    if (!working) return;
    const { api, end } = working;
    void api.cancel();
    setTimeout(() => {
      if (over) return;
      end({ code: undefined, message: "cancelled" });
      void start();
    }, PATIENCE);
  };
  return { ended, cancel };
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
