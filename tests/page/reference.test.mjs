// The API reference: everything the package exports is in it, and its links lead somewhere.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import * as convgrad from "../../dist/index.js";
import { launchChromium } from "../support/browsers.mjs";
import { serve } from "./site.mjs";

let site;
let browser;
before(async () => {
  [site, browser] = await Promise.all([serve(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** The reference in a browser. */
async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(`${site.url}api/`);
  return { page, context };
}

test("it has every export and every method, with words and types", async () => {
  const { page, context } = await open();
  const types = await readFile(new URL("../../dist/convgrad.d.ts", import.meta.url), "utf8");
  const calls = Array.from(types.matchAll(/^ {4}([a-z]\w*)[(<]/gm), ([, name]) => name);
  const methods = [...new Set(calls)].filter((name) => name !== "constructor");
  assert.ok(methods.includes("conv2d"));
  const wanted = [...Object.keys(convgrad), ...methods.map((name) => `ConvGrad.${name}`)];
  const found = await page.evaluate(
    (ids) => ids.filter((id) => document.getElementById(id)?.querySelector(".text")),
    wanted,
  );
  assert.deepEqual(found, wanted);
  const untold = await page.evaluate(() =>
    [...document.querySelectorAll(".entry, .member, .terms dd")]
      .filter((part) => !part.querySelector(".text"))
      .map((part) => part.id || part.previousSibling.textContent),
  );
  assert.deepEqual(untold, []);
  const conv2d = await page.locator("[id='ConvGrad.conv2d']").textContent();
  assert.match(conv2d, /\[K, C\/groups, R, S\]/);
  assert.doesNotMatch(await page.locator("main").textContent(), /ArrayBufferLike|Unexported/);
  await context.close();
});

test("its links lead somewhere, and the page leads to it", async () => {
  const { page, context } = await open();
  const broken = await page.evaluate(() =>
    [...document.querySelectorAll("a[href^='#']")]
      .map((link) => decodeURIComponent(link.hash.slice(1)))
      .filter((id) => !document.getElementById(id)),
  );
  assert.deepEqual(broken, []);
  await page.getByRole("link", { name: "convgrad", exact: true }).first().click();
  await page.locator("dl.engine").waitFor();
  await page.locator("footer a[href='api/']").click();
  await page.getByRole("heading", { name: "API reference" }).waitFor();
  await context.close();
});

describe("access", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing (${colorScheme})`, async () => {
      const { page, context } = await open({ colorScheme, bypassCSP: true });
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run(document, { resultTypes: ["violations"] }),
      );
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
      );
      await context.close();
    });
  }

  test("at 320 pixels nothing is wider than the screen", async () => {
    const { page, context } = await open({ viewport: { width: 320, height: 700 } });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 320);
    await context.close();
  });
});
