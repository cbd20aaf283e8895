// How many threads there may be, and the workers that are all of them but the caller's own.

import type { Seat } from "./convgrad-thread.js";
import type { ThreadedEngine } from "./engine.js";
import { describe, refuse } from "./errors.js";
import { readInteger } from "./shapes.js";
import { importFromNode, isNode, spawn, type Thread } from "./spawn.js";

/** For "auto": beyond this, the layers of a CNN gain little. */
const MOST_BY_DEFAULT = 8;
/** For any number: each thread costs a worker with its stack. */
const MOST = 16;
/**
 * Milliseconds in which all threads have to come. Their script is small; but Firefox now and then never
 * starts a worker that a worker has made, and tells nobody.
 */
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
 * Starts all threads of a pool of `count` but the caller's own, and waits until they have come.
 * @returns what ends them, or null where they could not be started: by a Content-Security-Policy, say
 */
export async function startThreads(
  engine: ThreadedEngine,
  module: WebAssembly.Module,
  count: number,
): Promise<(() => void) | null> {
  const threads: Thread[] = [];
  const end = () => {
    for (const thread of threads) thread.end();
  };
  try {
    engine.makePool(count);
    const arrivals: Promise<unknown>[] = [];
    for (let worker = 1; worker < count; ++worker) {
      const block = engine.workerBlock();
      if (block === 0) throw new Error("no memory for a stack");
      const { thread, arrival } = await makeThread();
      threads.push(thread);
      arrivals.push(arrival);
      const seat: Seat = {
        module,
        memory: engine.wasmMemory,
        worker,
        block,
        stackBytes: engine.stackBytes(),
        stackSetter: engine.stackSetter(),
        poolEntry: engine.poolEntry(),
      };
      thread.post(seat);
    }
    await within(PATIENCE, Promise.all(arrivals));
  } catch {
    end();
    engine.makePool(1);
    return null;
  }
  // They wait for work, which is no reason for Node to go on.
  for (const thread of threads) thread.hold(false);
  return end;
}

/** The promise's own end, or a rejection when that takes too long. */
function within(ms: number, promise: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Starts a thread; its one message says that it is about to look for work. */
async function makeThread(): Promise<{ thread: Thread; arrival: Promise<unknown> }> {
  let listener: { message(): void; error(why: Error): void } | undefined;
  const arrival = new Promise<void>((resolve, reject) => {
    listener = { message: resolve, error: reject };
  });
  // Should the worker fail before anyone waits for it.
  arrival.catch(() => {});
  const thread = await spawn(
    () => new Worker(new URL("./convgrad-thread.js", import.meta.url), { type: "module" }),
    "./convgrad-thread.js",
    listener as NonNullable<typeof listener>,
  );
  return { thread, arrival };
}
