// The built page as files in a folder of a plain host: without headers, without a network after the first
// visit, and with threads where a person asks for them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { launchChromium } from "../support/browsers.mjs";
import { built, serve, servePlainly } from "./site.mjs";
import { fill, runAndWait } from "./visit.mjs";

const FOLDER = "/some/folder/";
let browser;
before(async () => {
  browser = await launchChromium();
});
after(() => browser?.close());

/** A page in a profile of its own, and what went wrong in it. */
async function open() {
  const context = await browser.newContext();
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(message.text());
  });
  let loads = 0;
  page.on("domcontentloaded", () => ++loads);
  return { context, page, wrong, loads: () => loads };
}

/** Waits until the service worker has every file. */
const settled = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
const engineOf = (page) => page.locator("dl.engine").textContent();
const switchOf = (page) => page.locator(".threads-switch button");

test("all JavaScript together is at most 90 kB, each file compressed by itself", () => {
  const scripts = readdirSync(built, { recursive: true }).filter((name) => name.endsWith(".js"));
  const sizes = scripts.map((name) => gzipSync(readFileSync(`${built}/${name}`)).length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  assert.ok(scripts.length >= 4 && total <= 90_000, `${total} bytes: ${scripts} ${sizes}`);
});

describe("offline", () => {
  test("after the first visit it needs no network, wherever it is", async () => {
    const host = await servePlainly(FOLDER);
    const { context, page, wrong } = await open();
    await page.goto(`${host.url}?lang=en`);
    await page.locator("dl.engine").waitFor();
    await settled(page);
    await host.close();
    for (const address of ["?lang=en", "index.html?lang=en", "?lang=en#lesson"]) {
      await page.goto("about:blank");
      await page.goto(host.url + address);
      await page.locator("dl.engine").waitFor();
    }
    assert.match(await engineOf(page), /Threads ?1/);
    await page.locator("[data-preset=digitsMean]").click();
    await fill(page, { n: 4, timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    // Threads want no network either.
    await switchOf(page).click();
    await page.locator("dl.engine").getByText("yes").waitFor();
    assert.deepEqual(wrong, []);
    await context.close();
  });

  test("a new build is seen at the next visit, and the old copies go", async () => {
    const host = await servePlainly(FOLDER);
    const { context, page } = await open();
    await page.goto(host.url);
    await settled(page);
    await page.evaluate(async (folder) => {
      await caches.open(`convgrad ${folder} earlier`);
      await caches.open("convgrad /another/folder/ earlier");
      await (await navigator.serviceWorker.ready).unregister();
    }, FOLDER);
    await page.reload();
    await settled(page);
    await page.waitForFunction(
      async () => (await navigator.serviceWorker.ready).active.state === "activated",
    );
    const names = await page.evaluate(() => caches.keys());
    assert.equal(names.length, 2, names.join());
    assert.ok(names.includes("convgrad /another/folder/ earlier"), "another page's are its own");
    assert.ok(!names.includes(`convgrad ${FOLDER} earlier`));
    await context.close();
    await host.close();
  });
});

describe("threads on a host without headers", () => {
  test("the switch turns them on and off again", async () => {
    const host = await servePlainly(FOLDER);
    const { context, page, wrong, loads } = await open();
    await page.goto(`${host.url}?lang=en`);
    await page.locator("dl.engine").waitFor();
    assert.match(await engineOf(page), /Threads ?1.*isolated ?no/);
    assert.equal(await switchOf(page).textContent(), "Turn threads on");
    await switchOf(page).click();
    await page.locator("dl.engine").getByText("yes").waitFor();
    const threads = Number(/Threads ?(\d+)/.exec(await engineOf(page))[1]);
    assert.ok(threads > 1, `${threads} threads`);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    assert.equal(new URL(page.url()).searchParams.get("lang"), "en");
    await fill(page, { n: 8, timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    assert.ok(loads() <= 3, `${loads()} loads`);
    assert.equal(await switchOf(page).textContent(), "Turn threads off");
    await switchOf(page).click();
    await page.locator("dl.engine").getByText("no", { exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get("isolate"), null);
    assert.deepEqual(wrong, []);
    await context.close();
    await host.close();
  });

  test("a link with them in its address is loaded twice, and no more", async () => {
    const host = await servePlainly(FOLDER);
    const { context, page, wrong, loads } = await open();
    await page.goto(`${host.url}?lang=en&isolate=1`);
    await page.locator("dl.engine").getByText("yes").waitFor();
    assert.equal(loads(), 2);
    await page.reload();
    await page.locator("dl.engine").getByText("yes").waitFor();
    assert.equal(loads(), 3);
    assert.deepEqual(wrong, []);
    await context.close();
    await host.close();
  });

  test("where they cannot be had, the page says so and does not try for ever", async () => {
    const host = await servePlainly(FOLDER);
    const { context, page, loads } = await open();
    // A service worker that is there, but adds nothing.
    const route = (answer) =>
      answer.fulfill({
        contentType: "text/javascript",
        body: "addEventListener('fetch', () => {})",
      });
    await context.route("**/sw.js", route);
    await page.goto(`${host.url}?lang=en&isolate=1`);
    await page.getByText("Threads could not be turned on here").waitFor();
    await page.waitForTimeout(500);
    assert.equal(loads(), 2);
    assert.match(await engineOf(page), /Threads ?1/);
    assert.equal(await switchOf(page).textContent(), "Turn threads on");
    await context.close();
    await host.close();
  });

  test("with headers there is nothing to switch", async () => {
    const site = await serve();
    const { context, page } = await open();
    await page.goto(`${site.url}?lang=en`);
    await page.locator("dl.engine").waitFor();
    assert.equal(await switchOf(page).count(), 0);
    await context.close();
    await site.close();
  });
});
