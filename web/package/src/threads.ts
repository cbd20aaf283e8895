// How many threads there may be, and the workers that are all of them but the caller's own.
import type { ThreadedEngine } from "./engine.js";
import { describe, refuse } from "./errors.js";
import { readInteger } from "./shapes.js";
import type { Seat } from "./worker.js";

/** For "auto": beyond this, the layers of a CNN gain little. */
const MOST_BY_DEFAULT = 8;
/** For any number: each thread costs a worker with its stack. */
const MOST = 16;

/** A worker of the page's or of Node's. */
interface Thread {
  postMessage(seat: Seat): void;
  terminate(): unknown;
  addEventListener?(type: string, listener: (event: ErrorEvent) => void): void;
  on?(type: string, listener: (value: unknown) => void): void;
  unref?(): void;
}

interface NodeGlobals {
  readonly process?: { readonly versions?: { readonly node?: string } };
}

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

/** Pages must be cross-origin isolated; Node always can. */
function canShareMemory(): boolean {
  return globalThis.crossOriginIsolated ?? isNode();
}

function isNode(): boolean {
  return typeof (globalThis as NodeGlobals).process?.versions?.node === "string";
}

async function countCores(): Promise<number> {
  if (!isNode()) return globalThis.navigator.hardwareConcurrency;
  return (await importFromNode("node:os")).availableParallelism();
}

/** Not a literal, and marked, so that bundlers for the browser do not look for Node's modules. */
function importFromNode(name: string) {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
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
    for (const thread of threads) thread.terminate();
  };
  try {
    engine.makePool(count);
    const arrivals: Promise<void>[] = [];
    for (let worker = 1; worker < count; ++worker) {
      const block = engine.workerBlock();
      if (block === 0) throw new Error("no memory for a stack");
      const thread = await makeThread();
      threads.push(thread);
      arrivals.push(arrival(thread));
      thread.postMessage({
        module,
        memory: engine.wasmMemory,
        worker,
        block,
        stackBytes: engine.stackBytes(),
        stackSetter: engine.stackSetter(),
        poolEntry: engine.poolEntry(),
      });
    }
    await Promise.all(arrivals);
  } catch {
    end();
    engine.makePool(1);
    return null;
  }
  // They wait for work, which is no reason for Node to go on.
  for (const thread of threads) thread.unref?.();
  return end;
}

async function makeThread(): Promise<Thread> {
  if (typeof Worker === "function") {
    // Written out in full, since this is the form in which bundlers find the file.
    return new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  }
  const { Worker: NodeWorker } = await importFromNode("node:worker_threads");
  const file = "./worker.js";
  // Without the program's own flags, some of which are not for workers; V8's hold for all anyway.
  return new NodeWorker(new URL(file, import.meta.url), { execArgv: [] });
}

/** The one message of a thread says that it is about to look for work. */
function arrival(thread: Thread): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (why: unknown) => reject(why instanceof Error ? why : new Error("no worker"));
    if (thread.on) {
      thread.on("message", () => resolve());
      thread.on("error", failed);
    } else {
      thread.addEventListener?.("message", () => resolve());
      thread.addEventListener?.("error", (event) => {
        event.preventDefault();
        failed(event.error);
      });
    }
  });
}
