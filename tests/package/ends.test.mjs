// A disposed instance, one that could not be loaded and a closed page leave no worker behind, in Chromium
// and in Node.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../support/browsers.mjs";
import { ask, serve } from "./support/site.mjs";

/** What `convgrad` and `convgrad/worker` start for three threads each: two, and one with two. */
const WORKERS = 5;

describe("in Chromium", () => {
  let browser;
  let host;
  let session;
  before(async () => {
    host = await serve(null);
    browser = await launchChromium();
    session = await browser.newBrowserCDPSession();
  });
  after(async () => {
    await browser?.close();
    host.close();
  });

  /** How many workers the whole browser has, once it is `expected` or has had its time. */
  async function workers(expected) {
    for (let i = 0; ; ++i) {
      const { targetInfos } = await session.send("Target.getTargets", {
        filter: [{ type: "worker" }],
      });
      if (targetInfos.length === expected || i === 100) return targetInfos.length;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function press(page, key) {
    const [message] = await Promise.all([page.waitForEvent("console"), page.keyboard.press(key)]);
    return JSON.parse(message.text()).done;
  }

  test("dispose() ends the workers, and so does the end of the page", async () => {
    const { page } = await ask(browser, host.address(true, "site/ends.html"));
    assert.equal(await workers(0), 0);
    assert.deepEqual(await press(page, "l"), [3, 3]);
    assert.equal(await workers(WORKERS), WORKERS);
    await press(page, "d");
    assert.equal(await workers(0), 0);
    assert.deepEqual(await press(page, "l"), [3, 3]);
    assert.equal(await workers(WORKERS), WORKERS);
    await page.close();
    assert.equal(await workers(0), 0);
  });

  test("a load() that fails leaves none", async () => {
    const { page } = await ask(browser, host.address(true, "site/ends.html"));
    assert.deepEqual(await press(page, "f"), ["bad-argument", "bad-argument"]);
    assert.equal(await workers(0), 0);
    await page.close();
  });
});

describe("in Node", () => {
  /** A program that calls `convgrad` or `convgrad/worker`; what it says, once it has ended by itself. */
  function program(script) {
    const args = [
      "--disallow-code-generation-from-strings",
      "--input-type=module",
      "--eval",
      script,
    ];
    const run = spawnSync(process.execPath, args, {
      cwd: new URL("../../", import.meta.url),
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.equal(run.stderr, "");
    assert.equal(run.status, 0);
    return run.stdout;
  }

  for (const [entry, count] of Object.entries({ index: 2, worker: 3 })) {
    const prelude = `import { load } from "./dist/${entry}.js";
      const workers = () => process.report.getReport().workers.length;
      const ended = async () => {
        for (let i = 0; i < 500 && workers() > 0; ++i) await new Promise((done) => setTimeout(done, 10));
        return workers();
      };`;

    test(`dispose() of ${entry}.js ends the workers`, () => {
      const said = program(`${prelude}
        const cg = await load({ threads: 3 });
        console.log(cg.info.threads, workers());
        cg.dispose();
        console.log(await ended());`);
      assert.equal(said, `3 ${count}\n0\n`);
    });

    test(`a load() of ${entry}.js that fails leaves none`, () => {
      const said = program(`${prelude}
        const wasmBinary = new Uint8Array(8);
        console.log(await load({ threads: 3, wasmBinary }).catch(({ code }) => code));
        console.log(await ended());`);
      assert.equal(said, "bad-argument\n0\n");
    });

    test(`a program that leaves its instance of ${entry}.js ends all the same`, () => {
      const said = program(`${prelude}
        console.log((await load({ threads: 3 })).info.threads);`);
      assert.equal(said, "3\n");
    });
  }
});
