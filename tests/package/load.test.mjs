// load(): which build runs, where the module comes from, and how it says no.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { describe, test } from "node:test";
import { relaxedSimd } from "wasm-feature-detect";
import { assertClose, generator, integers, load, version } from "./support/data.mjs";
import * as reference from "./support/reference.mjs";
import { windowFor } from "./support/shapes.mjs";
import { distFile, limitedTo, wasmBytes } from "./support/wasm.mjs";

const rejects = (options, code, words) =>
  assert.rejects(load(options), (error) => {
    assert.equal(error.name, "ConvGradError");
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  });

function assertRuns(cg) {
  const next = generator(1);
  const [x, w] = [integers([1, 2, 5, 5], next), integers([3, 2, 3, 3], next)];
  const y = reference.conv2d(x, w, null, windowFor(x.shape, [3, 3]));
  assertClose(cg.conv2d(x, w), y, "conv2d", { exact: true });
}

describe("the build", () => {
  test("is the best that the engine has", async () => {
    const cg = await load();
    assert.equal(cg.info.simd, (await relaxedSimd()) ? "relaxed" : "baseline");
    assertRuns(cg);
  });

  test("baseline can be asked for anywhere, relaxed only where it is", async () => {
    const cg = await load({ simd: "baseline" });
    assert.equal(cg.info.simd, "baseline");
    assertRuns(cg);
    if (await relaxedSimd()) {
      assert.equal((await load({ simd: "relaxed" })).info.simd, "relaxed");
    } else {
      await rejects(
        { simd: "relaxed" },
        "unsupported-engine",
        /^load: this engine has no relaxed SIMD$/,
      );
    }
  });

  test("info tells version, build, threads and isolation", async () => {
    const { info } = await load({ threads: "auto" });
    assert.deepEqual(Object.keys(info).sort(), ["isolated", "simd", "threads", "version"]);
    assert.equal(info.threads, Math.min(availableParallelism(), 8));
    assert.equal(info.isolated, false);
    const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url)));
    assert.equal(info.version, manifest.version);
    assert.equal(version, manifest.version);
    assert.throws(() => {
      info.threads = 8;
    }, TypeError);
  });

  test("is not there without WebAssembly, or without its SIMD", async () => {
    const whole = globalThis.WebAssembly;
    const { validate } = whole;
    try {
      // An engine whose WebAssembly ends before SIMD refuses whatever uses it.
      whole.validate = () => false;
      await rejects(undefined, "unsupported-engine", /no WebAssembly SIMD; expected Chrome 91, /);
      whole.validate = validate;
      globalThis.WebAssembly = undefined;
      await rejects(undefined, "unsupported-engine", /no WebAssembly SIMD/);
    } finally {
      globalThis.WebAssembly = whole;
      whole.validate = validate;
    }
    assertRuns(await load());
  });
});

test("the relaxed build is picked where the engine has relaxed SIMD", () => {
  // Node 20 has it behind a flag, later ones without.
  const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  const flag = "--experimental-wasm-relaxed-simd";
  const flags = options.includes(flag) ? [flag] : [];
  const script = `
    import { load } from "./dist/index.js";
    const cg = await load();
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [1, 1, 2, 2] };
    console.log(cg.info.simd, ...cg.conv2d(x, x).data);`;
  const args = [...flags, "--disallow-code-generation-from-strings", "--input-type=module"];
  const cwd = new URL("../../", import.meta.url);
  const run = spawnSync(process.execPath, [...args, "--eval", script], { cwd, encoding: "utf8" });
  assert.equal(run.stdout, "relaxed 30\n", run.stderr);
});

describe("the module", () => {
  test("comes from a wasmUrl, a wasmBinary or a wasmModule", async () => {
    const bytes = await wasmBytes();
    const own = { simd: "baseline" };
    assertRuns(await load({ ...own, wasmUrl: distFile("convgrad-baseline.wasm") }));
    assertRuns(await load({ ...own, wasmUrl: distFile("convgrad-baseline.wasm").href }));
    assertRuns(await load({ ...own, wasmBinary: bytes }));
    assertRuns(await load({ ...own, wasmBinary: new Uint8Array(bytes).buffer }));
    const wasmModule = await WebAssembly.compile(bytes);
    const [one, two] = await Promise.all([load({ ...own, wasmModule }), load({ wasmModule })]);
    assertRuns(one);
    assertRuns(two);
    assert.equal(two.info.simd, "baseline", "info tells what runs, not what was looked for");
  });

  test("comes over HTTP, whatever type the host gives it", async () => {
    const bytes = await wasmBytes();
    const types = {
      "/right.wasm": "application/wasm",
      "/wrong.wasm": "text/plain",
      "/none.wasm": "",
    };
    const server = createServer((request, response) => {
      const type = types[request.url];
      if (request.url === "/page.wasm") {
        response.setHeader("Content-Type", "text/html; charset=utf-8");
        response.end("<!doctype html>");
        return;
      }
      if (type === undefined) response.writeHead(404);
      else if (type !== "") response.setHeader("Content-Type", type);
      response.end(type === undefined ? "nothing here" : bytes);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${server.address().port}`;
    try {
      for (const path of Object.keys(types)) {
        assertRuns(await load({ simd: "baseline", wasmUrl: origin + path }));
      }
      const words =
        /missing\.wasm is answered with 404; expected a module; copy .* or say by wasmUrl/;
      await rejects({ wasmUrl: `${origin}/missing.wasm` }, "bad-argument", words);
      // A host that answers whatever it does not know with its one page, and 200.
      const page = /page\.wasm is a page of HTML; expected a module; copy the package's convgrad/;
      await rejects({ wasmUrl: `${origin}/page.wasm` }, "bad-argument", page);
    } finally {
      server.close();
      server.closeAllConnections();
    }
    await rejects({ wasmUrl: `${origin}/right.wasm` }, "bad-argument", /^load: no module at http/);
  });

  test("must be one, and of this version and the build that was asked for", async () => {
    const other = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    await rejects(
      { wasmBinary: new Uint8Array(8) },
      "bad-argument",
      /^load: no module at wasmBinary: /,
    );
    await rejects({ wasmBinary: other }, "bad-argument", /^load: the module does not start: /);
    await rejects(
      { wasmUrl: new URL("nowhere.wasm", import.meta.url) },
      "bad-argument",
      /^load: no module at file:.*nowhere\.wasm: /,
    );
    // The version stands in the module's data as text.
    const renamed = Buffer.from(await wasmBytes());
    const at = renamed.indexOf(version);
    assert.ok(at > 0 && renamed.indexOf(version, at + 1) < 0, "the version stands there once");
    renamed[at] += 1;
    await rejects(
      { simd: "baseline", wasmBinary: renamed },
      "bad-argument",
      new RegExp(
        `^load: the module's version is ".*"; expected "${version.replaceAll(".", "\\.")}"$`,
      ),
    );
    if (await relaxedSimd()) {
      const wasmBinary = await wasmBytes();
      await rejects(
        { simd: "relaxed", wasmBinary },
        "bad-argument",
        /the module's build is "baseline"/,
      );
    }
  });

  test("that finds no memory to start with says so", async () => {
    // Below the initial size the limit makes no valid module; so the engine's refusal is played.
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async () => {
      throw new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory");
    };
    try {
      await rejects(
        undefined,
        "out-of-memory",
        /^load: the module does not start: .*Out of memory/,
      );
    } finally {
      WebAssembly.instantiate = instantiate;
    }
    assertRuns(await load({ simd: "baseline", wasmBinary: await limitedTo(2 ** 24) }));
  });
});

describe("options of load", () => {
  for (const [options, words] of [
    [
      { thread: 2 },
      /^load: a name in options is "thread"; expected one of "threads", "simd", "wasm/,
    ],
    [null, /options is null; expected an object/],
    ["auto", /options is "auto"/],
    [{ threads: 0 }, /threads is 0; expected an integer from 1/],
    [{ threads: 1.5 }, /threads is 1\.5/],
    [{ threads: "2" }, /threads is "2"; expected a number of threads or "auto"/],
    [{ simd: "fast" }, /simd is "fast"; expected "auto", "baseline" or "relaxed"/],
    [{ simd: true }, /simd is true/],
    [{ wasmUrl: 7 }, /wasmUrl is 7; expected a string or a URL/],
    [{ wasmUrl: "nowhere.wasm" }, /wasmUrl is "nowhere\.wasm"; expected an address/],
    [{ wasmBinary: "bytes" }, /wasmBinary is "bytes"; expected an ArrayBuffer or a view/],
    [{ wasmModule: {} }, /wasmModule is an object; expected a WebAssembly\.Module/],
    [
      { wasmUrl: "https://localhost/a.wasm", wasmBinary: new Uint8Array(8) },
      /wasmUrl and wasmBinary are given; expected at most one/,
    ],
  ]) {
    test(`refused: ${words.source}`, () => rejects(options, "bad-argument", words));
  }

  test("threads are as many as were asked for", async () => {
    for (const threads of [1, 2, 3]) {
      assert.equal((await load({ threads })).info.threads, threads);
    }
  });
});

describe("importing", () => {
  test("touches nothing: no global is read that a server lacks, none is set, nothing is fetched", () => {
    const script = `
      const before = Object.getOwnPropertyNames(globalThis).sort().join();
      const touched = [];
      for (const name of ["fetch", "WebAssembly", "window", "document", "self", "Worker"]) {
        Object.defineProperty(globalThis, name, {
          configurable: true,
          get() { touched.push(name); return undefined; },
        });
      }
      const names = Object.keys(await import("./dist/index.js")).sort().join();
      const reads = touched.filter((name) => name === "fetch" || name === "WebAssembly" || name === "Worker");
      for (const name of ["window", "document", "self", "Worker"]) delete globalThis[name];
      const after = Object.getOwnPropertyNames(globalThis).sort().join();
      console.log(JSON.stringify({ names, reads, same: before === after }));
    `;
    const cwd = new URL("../../", import.meta.url);
    const args = [
      "--disallow-code-generation-from-strings",
      "--input-type=module",
      "--eval",
      script,
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
    assert.equal(stderr, "");
    const answer = JSON.parse(stdout);
    assert.deepEqual(answer, { names: "ConvGradError,load,version", reads: [], same: true });
  });

  test("nothing is evaluated from strings: these tests run where that is forbidden", async () => {
    assert.throws(() => new Function("return 1"), EvalError);
    for (const name of await readdir(distFile("."))) {
      if (!name.endsWith(".js")) continue;
      const source = await readFile(distFile(name), "utf8");
      assert.doesNotMatch(source, /\beval\(|new Function\b|newFunc\(Function/, name);
    }
    assertRuns(await load());
  });
});
