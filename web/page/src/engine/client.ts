// The page's end of the worker. A worker that is stuck in a long call is replaced.
import { signal } from "@preact/signals";
import type { Worked } from "../sections/examples/model/worked.ts";
import type { Report } from "../sections/lab/run.ts";
import type { Settings } from "../sections/lab/settings.ts";
import type { SweepStep } from "../sections/lab/sweep.ts";
import type { SweepReport } from "../sections/lab/sweepRun.ts";
import type { TimingEnd } from "../sections/lab/timing.ts";
import type { LessonId, ResultOf, StateOf } from "../sections/lesson/compute.ts";
import type { Answered, Asked, Engine, Failure, Name, Outcome, Questions } from "./protocol.ts";
import { spawn } from "./spawn.ts";

/** What runs, or why nothing does; undefined until it is known. */
export const engine = signal<Outcome<Engine> | undefined>(undefined);

/** How long a cancelled run may take to stop by itself, in milliseconds. */
const PATIENCE = 400;
/** How long a worker may answer nothing while it starts the package, and how many may be given up. */
const DEAF = 3000;
const MOST_DEAF = 3;

type Tell<N extends Name> = (report: Questions[N]["report"]) => void;
type Answer<N extends Name> = Promise<Outcome<Questions[N]["value"]>>;

interface Connection {
  readonly worker: Worker;
  /** Asks the worker; where it is of no more use, before or meanwhile, the outcome says why. */
  readonly ask: <N extends Name>(
    name: N,
    about: Questions[N]["about"],
    tell?: Tell<N>,
  ) => Answer<N>;
  readonly end: (failure: Failure) => void;
  /** Whether it has got over the start of the package, which it is told first of all. */
  readonly over: Promise<boolean>;
}

let connection: Connection | undefined;
let deaf = 0;

function connect(): Connection {
  if (connection) return connection;
  const worker = spawn();
  const open = new Map<number, (answered: Omit<Answered, "id">) => void>();
  let gone: Outcome<never> | undefined;
  const end = (failure: Failure) => {
    worker.terminate();
    if (connection?.worker === worker) connection = undefined;
    gone = { failure };
    for (const answer of open.values()) answer({ outcome: gone });
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end({ code: undefined, message: event.message || "the worker could not be started" });
  };
  worker.onmessage = ({ data }: MessageEvent<Answered>) => open.get(data.id)?.(data);
  let asked = 0;
  const ask: Connection["ask"] = (name, about, tell) => {
    if (gone) return Promise.resolve(gone);
    const id = ++asked;
    worker.postMessage({ id, name, about } satisfies Asked);
    return new Promise((resolve) => {
      open.set(id, ({ report, outcome }) => {
        if (!outcome) return tell?.(report as never);
        open.delete(id);
        resolve(outcome as Awaited<Answer<typeof name>>);
      });
    });
  };
  connection = { worker, ask, end, over: getOver(ask) };
  return connection;
}

async function getOver(ask: Connection["ask"]): Promise<boolean> {
  // However long its script takes to come.
  await ask("hide", document.hidden);
  void ask("start", undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), DEAF);
  });
  const over = await Promise.race([ask("hide", document.hidden).then(() => true), late]);
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

document.addEventListener("visibilitychange", () => void connection?.ask("hide", document.hidden));

/** Starts the worker and the package in it. */
export async function start(): Promise<void> {
  engine.value = await (await ready()).ask("start", undefined);
}

export async function workExamples(): Promise<Outcome<readonly Worked[]>> {
  return (await ready()).ask("examples", undefined);
}

/** What a section of the lesson shows for a state of it. */
export async function computeLesson<I extends LessonId>(
  id: I,
  state: StateOf<I>,
): Promise<Outcome<ResultOf<I>>> {
  const outcome = await (await ready()).ask("lesson", { id, state });
  return outcome as Outcome<ResultOf<I>>;
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
  return supervise("run", { settings, pixels }, report);
}

export function sweep(steps: readonly SweepStep[], report: (report: SweepReport) => void): Run {
  return supervise("sweep", steps, report);
}

const CANCELLED: Outcome<TimingEnd> = { value: "cancelled" };
/** Two laboratories must not disturb each other's times: their works wait for each other. */
let lastWork: Promise<unknown> = Promise.resolve();

/** Starts work that reports and can be cancelled. */
function supervise<N extends "run" | "sweep">(
  name: N,
  about: Questions[N]["about"],
  report: Tell<N>,
): Run {
  let working: Connection | undefined;
  let over = false;
  let stopping = false;
  const work = async (): Promise<Outcome<TimingEnd>> => {
    if (stopping) return CANCELLED;
    const current = await ready();
    if (stopping) return CANCELLED;
    working = current;
    const outcome = await working.ask(name, about, report);
    over = true;
    // A worker that had to be ended did what was asked for.
    return stopping && "failure" in outcome ? CANCELLED : outcome;
  };
  const ended = lastWork.then(work);
  lastWork = ended.catch(() => undefined);
  const cancel = () => {
    stopping = true;
    if (!working) return;
    const { ask, end } = working;
    void ask("cancel", undefined);
    setTimeout(() => {
      if (over) return;
      end({ code: undefined, message: "cancelled" });
      void start();
    }, PATIENCE);
  };
  return { ended, cancel };
}
