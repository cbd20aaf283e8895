// Workers, of the page's or of Node's, behind one face.
import { packageFile } from "./address.js";

/** A worker that has been started. */
export interface Thread {
  post(message: unknown, transfer?: Transferable[]): void;
  end(): void;
  /** Whether Node has to go on for its sake; a page always does. */
  hold(on: boolean): void;
}

export interface Listener {
  message(data: unknown): void;
  /** It did not start, or ended by an error. */
  error(why: Error): void;
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): string };
}

interface Scope {
  Worker?: typeof Worker;
  readonly trustedTypes?: TrustedTypes;
  readonly process?: { readonly versions?: { readonly node?: string } };
}

const scope = globalThis as unknown as Scope;

export function isNode(): boolean {
  return typeof scope.process?.versions?.node === "string";
}

/** Not a literal, and marked, so that bundlers for the browser do not look for Node's modules. */
export function importFromNode(name: string) {
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/**
 * Starts a worker.
 * @param inPage `new Worker(new URL("./file.js", import.meta.url), { type: "module" })`, written out at
 *   the caller since that is the form in which bundlers find the file
 * @param file the same file, for Node
 */
export async function spawn(
  inPage: () => Worker,
  file: string,
  listener: Listener,
): Promise<Thread> {
  if (typeof scope.Worker === "function") {
    const worker = withOwnAddress(inPage);
    worker.onmessage = ({ data }) => listener.message(data);
    worker.onerror = (event) => {
      event.preventDefault();
      listener.error(new Error(event.message || "the worker's script does not load"));
    };
    return {
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      end: () => worker.terminate(),
      hold: () => {},
    };
  }
  const { Worker: NodeWorker } = await importFromNode("node:worker_threads");
  // Without the program's own flags, some of which are not for workers; V8's hold for all anyway.
  const worker = new NodeWorker(new URL(/* webpackIgnore: true */ file, import.meta.url), {
    execArgv: [],
  });
  worker.on("message", (data: unknown) => listener.message(data));
  worker.on("error", (why: Error) => listener.error(why));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    end: () => worker.terminate(),
    hold: (on) => (on ? worker.ref() : worker.unref()),
  };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | null | undefined;

/**
 * The address may have to be another (see packageFile) and, under `require-trusted-types-for 'script'`,
 * has to come from a policy; yet bundlers know none that is not written inside of the constructor's
 * call. So for the length of that call, in which nothing else can run, the constructor is one that sees
 * to both.
 */
function withOwnAddress(make: () => Worker): Worker {
  if (policy === undefined) {
    try {
      const rules = { createScriptURL: (address: string) => address };
      policy = scope.trustedTypes?.createPolicy("convgrad", rules) ?? null;
    } catch {
      // Its name is not on the page's list. Without a need for trusted addresses all is well yet.
      policy = null;
    }
  }
  const native = scope.Worker as typeof Worker;
  const own = (address: string | URL) => {
    const { href } = packageFile(new URL(address, globalThis.location?.href));
    return policy ? policy.createScriptURL(href) : href;
  };
  scope.Worker = class extends native {
    constructor(address: string | URL, options?: WorkerOptions) {
      super(own(address), options);
    }
  };
  try {
    return make();
  } finally {
    scope.Worker = native;
  }
}
