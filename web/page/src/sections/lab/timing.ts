// Times of several lines, taken fairly: after a warm-up every round runs each of them once, in an order
// drawn anew from a seeded generator, as a batch of calls long enough for the clock.
import { range, shuffler } from "d3-array";
import { uniform } from "../../random.ts";
import type { Line, Pass } from "./settings.ts";
import { isNarrow, ratioOf } from "./statistics.ts";

/** What is timed: one line in one direction. */
export interface Job {
  readonly line: Line;
  readonly pass: Pass;
  readonly call: () => void;
}

/** The times of one job so far. */
export interface Series {
  readonly line: Line;
  readonly pass: Pass;
  /** Calls in a sample. */
  readonly batch: number;
  /** Milliseconds a call, one sample for each round. */
  readonly samples: readonly number[];
}

export interface TimingPlan {
  /** Rounds that are run in any case. */
  readonly rounds: number;
  /** No round beyond these begins after so many milliseconds. */
  readonly limit: number;
  /** The clock's step in milliseconds. */
  readonly step: number;
  /** Of the order of the jobs in the rounds. */
  readonly seed: number;
}

/** A batch is at least this long, in milliseconds, and so many steps of the clock: it errs by 1 % at most. */
const SHORTEST_BATCH = 5;
const STEPS_PER_BATCH = 100;
/** Before anything is kept, each job runs so long: engines compile what runs often anew. */
const WARM_UP = 60;
/** Batches are made so much longer than they have to be, for the times when a job is faster. */
const ROOM = 1.2;
/** Never more rounds than this. */
export const MOST_ROUNDS = 1000;

export interface Clock {
  now(): number;
  /** Lets messages in, and waits while the page is hidden; resolves to true when the run is to stop. */
  pause(): Promise<boolean>;
  /** Whether the page was hidden at any time since this was last asked. */
  wasHidden(): boolean;
}

export type TimingEnd = "narrow" | "limit" | "rounds" | "cancelled";

export interface Timing {
  readonly series: readonly Series[];
  readonly rounds: number;
  /** Rounds that were thrown away because the page was hidden. */
  readonly dropped: number;
}

/** Times the jobs; `report` is called after each round with everything so far. */
export async function takeTimes(
  jobs: readonly Job[],
  plan: TimingPlan,
  clock: Clock,
  report: (timing: Timing) => void,
): Promise<TimingEnd> {
  const least = Math.max(SHORTEST_BATCH, STEPS_PER_BATCH * plan.step);
  const batches: number[] = [];
  for (const { call } of jobs) {
    if (await clock.pause()) return "cancelled";
    batches.push(warmUp(call, least, clock));
  }
  const samples: number[][] = jobs.map(() => []);
  const shuffle = shuffler(uniform(plan.seed));
  const started = clock.now();
  clock.wasHidden();
  let dropped = 0;
  for (let rounds = 0; ; ) {
    const order = shuffle(range(jobs.length));
    const round = new Array<number>(jobs.length);
    for (const which of order) {
      if (await clock.pause()) return "cancelled";
      const { call } = jobs[which] as Job;
      let batch = batches[which] as number;
      let taken = time(call, batch, clock);
      // The warm-up may have found the job slower than it is.
      while (taken < least) {
        batch = enlarged(batch, taken, least);
        taken = time(call, batch, clock);
      }
      batches[which] = batch;
      round[which] = taken / batch;
    }
    if (await clock.pause()) return "cancelled";
    if (clock.wasHidden()) {
      ++dropped;
      continue;
    }
    for (const [which, sample] of round.entries()) samples[which]?.push(sample);
    ++rounds;
    const series = jobs.map(({ line, pass }, which) => ({
      line,
      pass,
      batch: batches[which] as number,
      samples: [...(samples[which] as number[])],
    }));
    report({ series, rounds, dropped });
    if (rounds < plan.rounds) continue;
    if (rounds >= MOST_ROUNDS) return "rounds";
    if (allNarrow(series)) return "narrow";
    if (clock.now() - started > plan.limit) return "limit";
  }
}

/** Whether every line's ratio to the first is known well, in every pass. */
function allNarrow(series: readonly Series[]): boolean {
  return series.every(({ pass, samples }) => {
    const base = series.find((each) => each.pass === pass);
    return base?.samples === samples || isNarrow(ratioOf(samples, base?.samples ?? []));
  });
}

function time(call: () => void, batch: number, clock: Clock): number {
  const start = clock.now();
  for (let i = 0; i < batch; ++i) call();
  return clock.now() - start;
}

/** A batch that should last somewhat longer than `least`, where this one took less. */
const enlarged = (batch: number, taken: number, least: number) =>
  taken > 0 ? Math.ceil(batch * Math.min(16, (ROOM * least) / taken)) : 2 * batch;

/** Warms a job up, and finds how many of its calls last `least` milliseconds, at its fastest. */
function warmUp(call: () => void, least: number, clock: Clock): number {
  const started = clock.now();
  let batch = 1;
  let fastest = Number.POSITIVE_INFINITY;
  for (;;) {
    const taken = time(call, batch, clock);
    fastest = Math.min(fastest, taken / batch);
    const warm = clock.now() - started >= WARM_UP;
    if (warm && taken >= least) {
      return fastest > 0 ? Math.max(1, Math.ceil((ROOM * least) / fastest)) : batch;
    }
    if (taken < least) batch = enlarged(batch, taken, least);
  }
}
