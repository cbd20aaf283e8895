// The packed tarball in Node: as a module, from CommonJS, in a worker of Node's, and bundled.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertRight } from "./support/answer.mjs";
import { bundler, copyModules, copyProgram, node, packForConsumers } from "./support/consumer.mjs";

const programs = {
  "module.mjs": `
    import { load } from "convgrad";
    import { check } from "./check.js";
    console.log(JSON.stringify(await check(load)));`,
  "commonjs.cjs": `
    const { version } = require("convgrad/package.json");
    (async () => {
      const convgrad = await import("convgrad");
      if (convgrad.version !== version) throw new Error("another version");
      const { check } = await import("./check.js");
      console.log(JSON.stringify(await check(convgrad.load)));
    })();`,
  "remote.mjs": `
    import { load } from "convgrad/worker";
    import { check } from "./check.js";
    console.log(JSON.stringify(await check(load)));`,
  "threads.mjs": `
    import { isMainThread, parentPort, Worker } from "node:worker_threads";
    import { load } from "convgrad";
    import { check } from "./check.js";
    if (isMainThread) {
      new Worker(new URL(import.meta.url)).on("message", (answer) => console.log(answer));
    } else {
      parentPort.postMessage(JSON.stringify(await check(load)));
    }`,
};

describe("the packed tarball in Node", () => {
  let consumers;
  let consumer;
  before(async () => {
    consumers = await packForConsumers();
    consumer = await consumers.make("node", programs);
    await copyProgram(consumer);
  });
  after(() => consumers?.close());

  const assertRuns = async (script, folder = consumer) => {
    const output = await node(["--disallow-code-generation-from-strings", script], folder);
    assertRight(JSON.parse(output), { threads: 2 }, script);
  };

  for (const [what, script] of Object.entries({
    "as a module": "module.mjs",
    "by import() from CommonJS": "commonjs.cjs",
    "in the package's worker": "remote.mjs",
    "in a worker of Node's": "threads.mjs",
  })) {
    test(`runs ${what}`, () => assertRuns(script));
  }

  test("runs bundled by esbuild, beside its modules", async () => {
    const settings = ["--bundle", "--platform=node", "--format=esm", "--outfile=out/bundle.mjs"];
    await node([bundler("esbuild/bin/esbuild"), "module.mjs", ...settings], consumer);
    await copyModules(consumer, "out");
    // Far from the package: what it needs is there.
    const elsewhere = join(consumer, "..", "deployed");
    await cp(join(consumer, "out"), elsewhere, { recursive: true });
    await assertRuns("bundle.mjs", elsewhere);
  });
});
