// In Chromium: the page stays live while convgrad/worker calculates, and several tabs with several instances
// each do not get into each other's way.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { launchChromium } from "../support/browsers.mjs";
import { ask, serve } from "./support/site.mjs";

describe("in a browser", () => {
  let browser;
  let host;
  before(async () => {
    host = await serve(null);
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    host.close();
  });

  for (const isolated of [true, false]) {
    const where = isolated ? "isolated" : "not isolated";
    test(`a long call in a worker leaves the page live, ${where}`, async () => {
      const { page, answer } = await ask(browser, host.address(isolated, "site/live.html"));
      await page.close();
      assert.equal(answer.failed, undefined);
      const { longest, took } = answer.gap;
      assert.ok(took > 200, `the call took ${took} ms`);
      assert.ok(longest < took / 2, `the page stood still for ${longest} of ${took} ms`);
      assert.equal(answer.hashes.length, 1, "page, worker, one thread and two: the same bits");
      const [y] = answer.hashes[0].split(",");
      assert.equal(String(answer.alone), y, "the module with threads, on one");
    });
  }

  test("three tabs at once calculate the same", async () => {
    const tabs = await Promise.all(
      [true, true, false].map((isolated) => ask(browser, host.address(isolated, "site/live.html"))),
    );
    await Promise.all(tabs.map(({ page }) => page.close()));
    const hashes = tabs.flatMap(({ answer }) => answer.hashes ?? answer.failed);
    assert.equal(new Set(hashes).size, 1, hashes.join(" "));
  });
});
