import { type PhaseName, phaseNames } from "./engine.js";
import { describe, refuse } from "./errors.js";
import type { Memory } from "./memory.js";

/** How long a phase took. */
export interface PhaseTime {
  /** Which phase. */
  readonly name: PhaseName;
  /** Milliseconds, over all calls that were measured. */
  readonly ms: number;
}

/** What `cg.profile` gives. */
export interface Profiled<T> {
  /** What the function returned. */
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
