import { phaseNames } from "./engine.js";
import { describe, refuse } from "./errors.js";
import type { Memory } from "./memory.js";

/**
 * A part of a call's work: `pad` copies the input with its padding, `lower` is img2col, `pack` puts
 * operands in the order in which the kernel reads them, `multiply` multiplies and adds, `scatter` is
 * col2img, `transform` leads into and out of the domain of a fast algorithm, `other` is the rest.
 */
export type PhaseName = (typeof phaseNames)[number];

export interface PhaseTime {
  readonly name: PhaseName;
  readonly ms: number;
}

/** What `cg.profile` gives. */
export interface Profiled<T> {
  readonly result: T;
  /** Those on which time was spent, in the order of `PhaseName`. */
  readonly phases: readonly PhaseTime[];
}

/** Measures all calls until the function that it returns is called, which tells their phases. */
export function startProfile(memory: Memory): () => readonly PhaseTime[] {
  const times = () => phaseNames.map((_, phase) => memory.engine.phaseMilliseconds(phase));
  const before = times();
  memory.measure(1);
  return () => {
    memory.measure(-1);
    memory.assertLive("profile");
    return times()
      .map((ms, phase) => ({
        name: phaseNames[phase] as PhaseName,
        ms: ms - (before[phase] as number),
      }))
      .filter(({ ms }) => ms > 0);
  };
}

export function profile<T>(memory: Memory, run: () => T): Profiled<T> {
  if (typeof run !== "function") {
    refuse("bad-argument", "profile", "run", describe(run), "a function");
  }
  let result: T;
  const stop = startProfile(memory);
  try {
    result = run();
  } catch (error) {
    memory.measure(-1);
    throw error;
  }
  const phases = stop();
  if (typeof (result as { then?: unknown } | null | undefined)?.then === "function") {
    const expected = "a function that waits for none";
    refuse("bad-argument", "profile", "run's result", "a promise", expected);
  }
  return { result, phases };
}
