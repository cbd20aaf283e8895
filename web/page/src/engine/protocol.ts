// What the page and its worker say to each other.
import type { ErrorCode } from "convgrad";
import type { Worked } from "../sections/examples/model/worked.ts";
import type { Report } from "../sections/lab/run.ts";
import type { Settings } from "../sections/lab/settings.ts";
import type { SweepStep } from "../sections/lab/sweep.ts";
import type { SweepReport } from "../sections/lab/sweepRun.ts";
import type { TimingEnd } from "../sections/lab/timing.ts";
import type { LessonId, ResultOf, StateOf } from "../sections/lesson/compute.ts";

/** What runs. */
export interface Engine {
  readonly version: string;
  readonly simd: "baseline" | "relaxed";
  readonly threads: number;
  readonly isolated: boolean;
  /** The smallest step of the worker's clock that was seen, in milliseconds. */
  readonly clockStep: number;
}

/** An error as a message: `code` is the package's, or undefined for an error that is not its own. */
export interface Failure {
  readonly code: ErrorCode | undefined;
  readonly message: string;
}

/** Errors cross over as values: thrown ones would lose their code. */
export type Outcome<T> = { readonly value: T } | { readonly failure: Failure };

export interface WorkerApi {
  start(): Promise<Outcome<Engine>>;
  /** All worked examples, computed anew. */
  examples(): Promise<Outcome<readonly Worked[]>>;
  /** What a section of the lesson shows for a state of it. */
  lesson(id: LessonId, state: StateOf<LessonId>): Promise<Outcome<ResultOf<LessonId>>>;
  run(
    settings: Settings,
    pixels: Float32Array | undefined,
    report: (report: Report) => unknown,
  ): Promise<Outcome<TimingEnd>>;
  sweep(
    steps: readonly SweepStep[],
    report: (report: SweepReport) => unknown,
  ): Promise<Outcome<TimingEnd>>;
  /** Ends the run between two calls of the package. */
  cancel(): void;
  /** Tells whether the page is hidden: times taken meanwhile mean nothing. */
  hide(hidden: boolean): void;
}
