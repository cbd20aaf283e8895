// The page as one file, opened from a disk, in every engine.
import assert from "node:assert/strict";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launchChromium } from "../support/browsers.mjs";
import { ENGINES, open } from "../support/engines.mjs";
import { fill, openLesson, runAndWait } from "./visit.mjs";

let folder;
let address;
before(async () => {
  // Alone in a folder, with nothing beside it to read.
  folder = await mkdtemp(path.join(tmpdir(), "convgrad single "));
  const file = path.join(folder, "convgrad.html");
  await copyFile(fileURLToPath(new URL("../../build/page/convgrad.html", import.meta.url)), file);
  address = pathToFileURL(file).href;
});
after(() => rm(folder, { recursive: true, force: true }));

test("it does all that the site does, and asks for nothing", async () => {
  const browser = await launchChromium();
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const [wrong, asked] = [[], []];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(`${address}?lang=en`);
  await page.locator("dl.engine").waitFor();
  const tally = page.locator(".tally");
  await tally.waitFor();
  assert.equal(await tally.getAttribute("data-passed"), await tally.getAttribute("data-count"));
  await openLesson(page);
  await page.locator("[data-preset=digitsConv]").click();
  await fill(page, { n: 4, timeLimit: 1 });
  assert.match(await runAndWait(page), /^Run complete/);
  await page.getByRole("button", { name: "中文" }).click();
  assert.equal(await page.locator("html").getAttribute("lang"), "zh-Hans");
  assert.deepEqual(wrong, []);
  const outside = asked.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(address));
  assert.deepEqual(outside, []);
  await browser.close();
});

describe("in", () => {
  for (const name of ENGINES) {
    test(`${name} it computes`, async () => {
      const engine = await open(name);
      try {
        await engine.goto(`${address}?lang=en`);
        const [passed, count] = await engine.until(() => {
          const tally = document.querySelector(".tally");
          return tally && [tally.dataset.passed, tally.dataset.count];
        });
        assert.equal(passed, count);
        assert.match(
          await engine.evaluate(() => document.querySelector("dl.engine").textContent),
          /Threads ?1/,
        );
      } finally {
        await engine.close();
      }
    });
  }
});
