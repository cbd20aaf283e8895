// How many threads there may be, and how workers become the engine's.

import type { Seat } from "./convgrad-thread.js";
import { type Crew, dismiss } from "./crew.js";
import type { ThreadedEngine } from "./engine.js";
import { describe, refuse } from "./errors.js";
import { readInteger } from "./shapes.js";
import { importFromNode, isNode } from "./spawn.js";

/** For "auto": beyond this, the layers of a CNN gain little. */
const MOST_BY_DEFAULT = 8;
/** For any number: each thread costs a worker with its stack. */
const MOST = 16;
/** Milliseconds in which all threads have to come: whatever may keep a worker, load() has an end. */
const PATIENCE = 10_000;

/** The number of threads to start for what load() was asked: 1 where memory cannot be shared. */
export async function countThreads(wanted: unknown): Promise<number> {
  if (wanted !== undefined && wanted !== "auto") {
    if (typeof wanted !== "number") {
      refuse("bad-argument", "load", "threads", describe(wanted), 'a number of threads or "auto"');
    }
    const count = readInteger("load", "threads", wanted, 1);
    return canShareMemory() ? Math.min(count, MOST) : 1;
  }
  return canShareMemory() ? Math.min(await countCores(), MOST_BY_DEFAULT) : 1;
}

/** Pages must be cross-origin isolated, in an engine that then has shared memory; Node always can. */
function canShareMemory(): boolean {
  const isolated = globalThis.crossOriginIsolated ?? isNode();
  return isolated && typeof SharedArrayBuffer === "function";
}

async function countCores(): Promise<number> {
  if (!isNode()) return globalThis.navigator?.hardwareConcurrency || 1;
  return (await importFromNode("node:os")).availableParallelism();
}

/** Whether this is a module with threads: its memory comes from outside. */
export function sharesMemory(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ kind }) => kind === "memory");
}

/**
 * Makes the crew the threads of the engine's pool, and waits until they have come.
 * @returns what ends them, or null where they could not be started: by a Content-Security-Policy, say
 */
export async function startThreads(
  engine: ThreadedEngine,
  module: WebAssembly.Module,
  crew: Crew,
): Promise<(() => void) | null> {
  try {
    engine.makePool(crew.length + 1);
    const hands = await Promise.all(crew);
    hands.forEach(({ thread }, i) => {
      const block = engine.workerBlock();
      if (block === 0) throw new Error("no memory for a stack");
      const seat: Seat = { module, memory: engine.wasmMemory, worker: i + 1, block };
      thread.post(seat);
    });
    await within(PATIENCE, Promise.all(hands.map(({ arrival }) => arrival)));
    // They wait for work, which is no reason for Node to go on.
    for (const { thread } of hands) thread.hold(false);
    return () => {
      for (const { thread } of hands) thread.end();
    };
  } catch {
    dismiss(crew);
    engine.makePool(1);
    return null;
  }
}

/** The promise's own end, or a rejection when that takes too long. */
function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
