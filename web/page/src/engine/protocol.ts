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

/** What the page may ask, by name: about what, what is reported meanwhile, and what comes in the end. */
export interface Questions {
  start: { about: undefined; report: never; value: Engine };
  /** All worked examples, computed anew. */
  examples: { about: undefined; report: never; value: readonly Worked[] };
  /** What a section of the lesson shows for a state of it. */
  lesson: {
    about: { readonly id: LessonId; readonly state: StateOf<LessonId> };
    report: never;
    value: ResultOf<LessonId>;
  };
  run: {
    about: { readonly settings: Settings; readonly pixels: Float32Array | undefined };
    report: Report;
    value: TimingEnd;
  };
  sweep: { about: readonly SweepStep[]; report: SweepReport; value: TimingEnd };
  /** Ends the run between two calls of the package. */
  cancel: { about: undefined; report: never; value: undefined };
  /** Tells whether the page is hidden: times taken meanwhile mean nothing. */
  hide: { about: boolean; report: never; value: undefined };
}

export type Name = keyof Questions;

/** A message to the worker. */
export interface Asked {
  /** Of the question: what comes back has the same. */
  readonly id: number;
  readonly name: Name;
  readonly about: unknown;
}

/** A message of the worker's: any number of reports, and then the outcome. */
export interface Answered {
  readonly id: number;
  readonly report?: unknown;
  readonly outcome?: Outcome<unknown>;
}
