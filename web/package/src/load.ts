import { packageFile, resolveAddress } from "./address.js";
import { ConvGrad } from "./convgrad.js";
import { dismiss, hire, type StartThread, startThread } from "./crew.js";
import type { ThreadedEngine } from "./engine.js";
import { ConvGradError, describe, guard, refuse } from "./errors.js";
import { hasRelaxedSimd, hasSimd, mayCompile } from "./features.js";
// Both, and not when needed: bundlers by default cannot split a worker's code.
import createSingleEngine from "./glue.js";
import createThreadedEngine from "./glue-threads.js";
import { checkOptions } from "./options.js";
import { importFromNode, isNode } from "./spawn.js";
import { countThreads, sharesMemory, startThreads } from "./threads.js";
import { version } from "./version.js";

/** Options of `load`. */
export interface LoadOptions {
  /**
   * How many threads large calls may use: at most 16; `"auto"`, the default, takes one for each core, at
   * most 8. More than one need a cross-origin isolated page (or Node): elsewhere one runs.
   */
  readonly threads?: number | "auto" | undefined;
  /** The build to run; `"auto"`, the default, takes relaxed SIMD where the engine has it. */
  readonly simd?: "auto" | "baseline" | "relaxed" | undefined;
  /** Where the module is instead of beside this package's files. At most one of these three. */
  readonly wasmUrl?: string | URL | undefined;
  /** The module's bytes. */
  readonly wasmBinary?: ArrayBuffer | ArrayBufferView<ArrayBuffer> | undefined;
  /** The module, compiled: to share one compilation with workers. */
  readonly wasmModule?: CompiledModule | undefined;
}

/** WebAssembly.Module, where the program's types know it: those of Node alone do not. */
export type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer Module } };
}
  ? Module
  : object;

type Source = Pick<LoadOptions, "wasmUrl" | "wasmBinary" | "wasmModule">;

const loadOptions = ["threads", "simd", "wasmUrl", "wasmBinary", "wasmModule"];

/**
 * Fetches, compiles and starts the module. Each call makes an instance of its own, with memory and threads
 * of its own; but each of the package's modules is fetched and compiled once: as long as an instance of
 * it lives, the next `load()` shares it.
 * @param given the build, the threads, and where the module comes from; all optional
 * @returns the instance, ready to compute
 * @throws ConvGradError "unsupported-engine" without WebAssembly SIMD, where a Content-Security-Policy
 *   forbids WebAssembly, or without relaxed SIMD where it was asked for; "bad-argument" where an option
 *   is not what it should be, or where there is no module of this version at the address; "out-of-memory"
 */
export function load(given?: LoadOptions): Promise<ConvGrad> {
  return loadWith(startThread, given);
}

/** load() with threads that are started in another way. */
export async function loadWith(start: StartThread, given?: LoadOptions): Promise<ConvGrad> {
  // Each is read once, since reading may run code of the caller's.
  const options = guard("load", () => {
    const checked = checkOptions<LoadOptions>("load", given, loadOptions);
    const { simd, threads, wasmUrl, wasmBinary, wasmModule } = checked;
    return { simd, threads, source: { wasmUrl, wasmBinary, wasmModule } };
  });
  const simd = readSimd(options.simd);
  const crew = hire(await countThreads(options.threads), start);
  try {
    const { engine, module } = await startEngine(options.source, simd, crew.length > 0);
    const built = readVersion(engine);
    if (built !== version) {
      const was = describe(built);
      refuse("bad-argument", "load", "the module's version", was, describe(version));
    }
    // A module from elsewhere need not be the build that was asked for.
    const runs = engine.relaxedSimd ? "relaxed" : "baseline";
    if (options.simd !== undefined && options.simd !== "auto" && options.simd !== runs) {
      const expected = describe(options.simd);
      refuse("bad-argument", "load", "the module's build", describe(runs), expected);
    }
    const endThreads =
      crew.length > 0 && sharesMemory(module) ? await startThreads(engine, module, crew) : null;
    if (endThreads === null) dismiss(crew);
    const threads = endThreads === null ? 1 : crew.length + 1;
    const isolated = globalThis.crossOriginIsolated === true;
    return new ConvGrad(engine, { version, simd: runs, threads, isolated }, endThreads);
  } catch (error) {
    dismiss(crew);
    throw error;
  }
}

/** The module's own. */
function readVersion({ version: address, wasmMemory }: ThreadedEngine): string {
  const bytes = new Uint8Array(wasmMemory.buffer, address);
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
}

async function startEngine(
  source: Source,
  simd: "baseline" | "relaxed",
  threads: boolean,
): Promise<{ engine: ThreadedEngine; module: WebAssembly.Module }> {
  const module = await findModule(source, simd === "relaxed", threads);
  try {
    return { engine: await start(module), module };
  } catch (error) {
    // Memory to be shared is reserved up to its limit, and a small device may not have so much.
    if (!threads || !(error instanceof ConvGradError) || error.code !== "out-of-memory")
      throw error;
    return startEngine(source, simd, false);
  }
}

function readSimd(value: unknown): "baseline" | "relaxed" {
  if (value !== undefined && value !== "auto" && value !== "baseline" && value !== "relaxed") {
    refuse("bad-argument", "load", "simd", describe(value), '"auto", "baseline" or "relaxed"');
  }
  if (!hasSimd()) {
    const expected = "Chrome 91, Firefox 89, Safari 16.4, Node 16.4 or later";
    const message = `load: this engine has no WebAssembly SIMD; expected ${expected}`;
    throw new ConvGradError("unsupported-engine", message);
  }
  if (value === "baseline") return value;
  const relaxed = hasRelaxedSimd();
  if (value === "relaxed" && !relaxed) {
    throw new ConvGradError("unsupported-engine", "load: this engine has no relaxed SIMD");
  }
  return relaxed ? "relaxed" : "baseline";
}

async function findModule(
  source: Source,
  relaxed: boolean,
  threads: boolean,
): Promise<WebAssembly.Module> {
  const given = Object.entries(source).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(" and ");
    throw new ConvGradError("bad-argument", `load: ${names} are given; expected at most one`);
  }
  const { wasmUrl, wasmBinary, wasmModule } = source;
  if (wasmModule !== undefined) {
    if (wasmModule instanceof WebAssembly.Module) return wasmModule;
    const was = describe(wasmModule);
    refuse("bad-argument", "load", "wasmModule", was, "a WebAssembly.Module");
  }
  if (wasmBinary !== undefined) {
    if (!(wasmBinary instanceof ArrayBuffer) && !ArrayBuffer.isView(wasmBinary)) {
      const was = describe(wasmBinary);
      refuse("bad-argument", "load", "wasmBinary", was, "an ArrayBuffer or a view of one");
    }
    return compile("wasmBinary", () => WebAssembly.compile(wasmBinary));
  }
  return wasmUrl === undefined
    ? compileOnce(ownUrl(relaxed, threads))
    : compileAt(resolveAddress(wasmUrl));
}

function ownUrl(relaxed: boolean, threads: boolean): URL {
  try {
    return packageFile(besideThis(relaxed, threads));
  } catch (cause) {
    const remedy = "bundle it as an ES module, or give wasmUrl, wasmBinary or wasmModule";
    const message = `load: the bundle has lost its own address, import.meta.url; ${remedy}`;
    throw new ConvGradError("bad-argument", message, { cause });
  }
}

/** Written out in full, since this is the form in which bundlers find the files. */
function besideThis(relaxed: boolean, threads: boolean): URL {
  if (threads) {
    return relaxed
      ? new URL("./convgrad-relaxed-threads.wasm", import.meta.url)
      : new URL("./convgrad-baseline-threads.wasm", import.meta.url);
  }
  return relaxed
    ? new URL("./convgrad-relaxed.wasm", import.meta.url)
    : new URL("./convgrad-baseline.wasm", import.meta.url);
}

/** By address, of the package's own: what is being compiled, and then the module as long as someone uses it. */
const compiled = new Map<string, Promise<WebAssembly.Module> | WeakRef<WebAssembly.Module>>();

async function compileOnce(url: URL): Promise<WebAssembly.Module> {
  const { href } = url;
  const known = compiled.get(href);
  const module = known instanceof WeakRef ? known.deref() : known;
  if (module !== undefined) return module;
  const compiling = compileAt(url);
  compiled.set(href, compiling);
  try {
    const done = await compiling;
    compiled.set(href, new WeakRef(done));
    return done;
  } catch (error) {
    compiled.delete(href);
    throw error;
  }
}

function compileAt(url: URL): Promise<WebAssembly.Module> {
  const onDisk = url.protocol === "file:" && isNode();
  return compile(url.href, () => (onDisk ? compileFile(url) : compileFrom(url)));
}

/** What can be done where an address leads to no module. */
const hint = "copy the package's convgrad-*.wasm there, or say by wasmUrl where they are";

async function compile(
  source: string,
  run: () => Promise<WebAssembly.Module>,
): Promise<WebAssembly.Module> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof ConvGradError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    if (!(await mayCompile())) {
      const expected = "'wasm-unsafe-eval' in its script-src";
      const message = `load: the page's Content-Security-Policy forbids WebAssembly; expected ${expected}`;
      throw new ConvGradError("unsupported-engine", message, { cause });
    }
    throw new ConvGradError("bad-argument", `load: no module at ${source}: ${why}; ${hint}`, {
      cause,
    });
  }
}

async function compileFrom(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) {
    const was = `answered with ${response.status}`;
    refuse("bad-argument", "load", url.href, was, `a module; ${hint}`);
  }
  // Compiling while it arrives demands the right type, which not every static host sends.
  const type = response.headers.get("Content-Type") ?? "";
  if (/^application\/wasm\s*$/i.test(type)) return WebAssembly.compileStreaming(response);
  const bytes = await response.arrayBuffer();
  // Hosts of applications of one page answer whatever they do not know with that page.
  if (/^text\/html\b/i.test(type) && !startsAsModule(bytes)) {
    refuse("bad-argument", "load", url.href, "a page of HTML", `a module; ${hint}`);
  }
  return WebAssembly.compile(bytes);
}

/** Every module begins with a zero byte and "asm". */
function startsAsModule(bytes: ArrayBuffer): boolean {
  return bytes.byteLength > 4 && new DataView(bytes).getUint32(0) === 0x0061736d;
}

/** Node reads files from disk: its fetch() does not. */
async function compileFile(url: URL): Promise<WebAssembly.Module> {
  const { readFile } = await importFromNode("node:fs/promises");
  return WebAssembly.compile(await readFile(url));
}

/** The glue waits for `done` forever, so what goes wrong on the way has to be told apart from it. */
async function start(module: WebAssembly.Module): Promise<ThreadedEngine> {
  const createEngine = sharesMemory(module) ? createThreadedEngine : createSingleEngine;
  return new Promise((resolve, reject) => {
    const failed = (cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      const code = cause instanceof RangeError ? "out-of-memory" : "bad-argument";
      reject(new ConvGradError(code, `load: the module does not start: ${why}`, { cause }));
    };
    try {
      createEngine({
        instantiateWasm(imports, done) {
          WebAssembly.instantiate(module, imports)
            .then((instance) => done(instance, module))
            .catch(failed);
          return {};
        },
      }).then(resolve, failed);
    } catch (cause) {
      // The glue makes the memory that threads share, before all else.
      failed(cause);
    }
  });
}
