// Times of several paths, taken fairly: every round runs each of them once, in rotated order, as a
// batch of calls long enough for the clock.
import type { Pass, Path } from "./settings.ts";

/** What is timed: one path in one direction. */
export interface Job {
  readonly path: Path;
  readonly pass: Pass;
  readonly call: () => void;
}

/** The times of one job so far. */
export interface Series {
  readonly path: Path;
  readonly pass: Pass;
  /** Calls in a sample. */
  readonly batch: number;
  /** Milliseconds a call, one sample for each round. */
  readonly samples: number[];
}

export interface TimingPlan {
  readonly loops: number;
  readonly rounds: number;
  /** Milliseconds from the start until no new batch is begun. */
  readonly limit: number;
  /** The clock's step in milliseconds. */
  readonly step: number;
}

/** A batch is at least this many steps of the clock, so that reading it errs by 2 % at most. */
const STEPS_PER_BATCH = 50;
const SHORTEST_BATCH = 1;

/** Calls that last so many times the shortest batch need no second look. */
const CLEARLY_LONG = 100;

export interface Clock {
  now(): number;
  /** Lets messages in; resolves to true when the run is to stop. */
  pause(): Promise<boolean>;
}

export type TimingEnd = "done" | "cancelled" | "limit";

/** Times the jobs; `report` is called after each batch with all series as they are. */
export async function takeTimes(
  jobs: readonly Job[],
  plan: TimingPlan,
  clock: Clock,
  report: (series: readonly Series[], round: number) => void,
): Promise<TimingEnd> {
  const started = clock.now();
  const rounds = Math.min(plan.rounds, plan.loops);
  const wanted = Math.ceil(plan.loops / rounds);
  const least = Math.max(SHORTEST_BATCH, STEPS_PER_BATCH * plan.step);
  const series: Series[] = [];
  for (const job of jobs) {
    if (await clock.pause()) return "cancelled";
    const batch = Math.max(wanted, batchFor(job.call, least, clock));
    series.push({ path: job.path, pass: job.pass, batch, samples: [] });
  }
  for (let round = 0; round < rounds; ++round) {
    for (let turn = 0; turn < jobs.length; ++turn) {
      if (await clock.pause()) return "cancelled";
      if (clock.now() - started > plan.limit) return "limit";
      const which = (round + turn) % jobs.length;
      const { call } = jobs[which] as Job;
      const { batch, samples } = series[which] as Series;
      samples.push(time(call, batch, clock) / batch);
      report(series, round);
    }
  }
  return "done";
}

function time(call: () => void, batch: number, clock: Clock): number {
  const start = clock.now();
  for (let i = 0; i < batch; ++i) call();
  return clock.now() - start;
}

/** How many calls last `least` milliseconds; looking for it warms the job up as well. */
function batchFor(call: () => void, least: number, clock: Clock): number {
  for (let batch = 1; ; batch *= 2) {
    let taken = time(call, batch, clock);
    // A first call may be slow for being the first: only the second of two is believed.
    if (taken >= least && taken < CLEARLY_LONG * least) taken = time(call, batch, clock);
    if (taken >= least) return Math.max(1, Math.ceil((batch * least) / taken));
  }
}
