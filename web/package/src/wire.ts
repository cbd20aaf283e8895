// How arguments and results travel between a page and the worker that calculates for it.
import type { Elements } from "./elements.js";
import type { ErrorCode } from "./errors.js";

/**
 * One value. Tensors of the worker go by number. An `out` is an array of the page's to write to: its
 * kind and length travel alone, and the answer brings what is `written`, by its place among them.
 */
export type Wire =
  | readonly ["tensor", id: number, shape?: readonly number[], integers?: boolean]
  | readonly ["plain", data: unknown, shape: unknown]
  | readonly ["out", integers: boolean, length: number, shape: unknown]
  | readonly ["written", place: number, data: Elements]
  | readonly ["object", entries: readonly (readonly [name: string, value: Wire])[]]
  | readonly ["value", value: unknown];

/** A method of ConvGrad's to call, or one of the host's own. */
export interface Request {
  readonly id: number;
  readonly op: string;
  readonly args: readonly Wire[];
}

export type Answer =
  | { readonly id: number; readonly result: Wire }
  | { readonly id: number; readonly code: ErrorCode; readonly message: string };

/** From the worker: to start a thread, to send it something, or to end it. */
export interface ThreadCall {
  readonly thread: number;
  readonly does: "start" | "take" | "end";
  readonly message?: unknown;
}

/** To the worker: what the thread has said, or why it cannot. */
export interface ThreadNews {
  readonly thread: number;
  readonly message?: unknown;
  readonly error?: string;
}
