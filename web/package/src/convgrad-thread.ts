// One thread of the pool: instantiates the module on the memory of another instance, and stays in the
// pool's loop. Its tasks need nothing of JavaScript's, so there is no glue here. Runs as a worker of a
// page, or of Node.

/** All that a thread has to know. */
export interface Seat {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Which worker of the pool it is, from 1 on. */
  readonly worker: number;
  /** Address of the thread's own memory, as cpp/bindings/threads.cpp lays it out. */
  readonly block: number;
}

function sit(seat: Seat, ready: () => void): void {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(seat.module)) {
    imports[module] ??= {};
    imports[module][name] = kind === "memory" ? seat.memory : missing;
  }
  // Found by its kind, since the optimizer shortens the names.
  const { exports } = new WebAssembly.Instance(seat.module, imports);
  const table = Object.values(exports).find((value) => value instanceof WebAssembly.Table);
  if (table === undefined) throw new Error("the module has no table");
  const [stackTop = 0, setStack = 0, enter = 0] = new Uint32Array(
    seat.memory.buffer,
    seat.block,
    3,
  );
  // In this order: until it has a stack, no other function may run.
  table.get(setStack)(stackTop);
  ready();
  table.get(enter)(seat.worker, seat.block);
}

function missing(): never {
  throw new Error("a thread has called JavaScript");
}

interface Port {
  onmessage?: (event: { data: Seat }) => void;
  once?(event: "message", take: (seat: Seat) => void): void;
  postMessage?(message: "ready"): void;
}

const scope = globalThis as unknown as Port;
if (scope.postMessage) {
  scope.onmessage = ({ data }) => sit(data, () => scope.postMessage?.("ready"));
} else {
  // Not a literal, and marked, so that bundlers for the browser do not look for it. Not from spawn.ts
  // either: this file is whole by itself, should it be copied as it is.
  const name = ["node", "worker_threads"].join(":");
  import(/* webpackIgnore: true */ /* @vite-ignore */ name).then(
    ({ parentPort: port }: { parentPort: Port }) =>
      port.once?.("message", (seat) => sit(seat, () => port.postMessage?.("ready"))),
  );
}
