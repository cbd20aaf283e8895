// The laboratory in Chromium: its runs, sweeps, exports, imports and links.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { launchChromium } from "../support/browsers.mjs";
import { serve } from "./site.mjs";
import { agreement, fill, runAndWait, times, visit } from "./visit.mjs";

let site;
let browser;
before(async () => {
  [site, browser] = await Promise.all([serve(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A small run, to be quick. */
const SMALL =
  "lab.n=2&lab.h=12&lab.w=12&lab.padding=1x1&lab.delta=normal&lab.paths=direct.im2col&lab.timeLimit=1";
const open = (query = SMALL, options = {}) =>
  visit(browser, `${site.url}?lang=en&${query}`, options);

const panel = (page, name) => page.locator(`[data-panel=${name}]`);

/** What a press of a link or button gives to keep. */
async function download(page, name) {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    panel(page, "record").getByRole("link", { name }).click(),
  ]);
  return { name: file.suggestedFilename(), text: await readFile(await file.path(), "utf8") };
}

describe("a run", () => {
  test("has verdicts, stages, phases, samples and checks of every line", async () => {
    const { page, leave } = await open(`${SMALL}&lab.extras=baseline.threads`);
    assert.match(await runAndWait(page), /^Run complete/);
    const lines = [
      "direct",
      "im2col",
      ...["baseline", "threads"].flatMap((build) => [`direct@${build}`, `im2col@${build}`]),
    ];
    const wanted = ["forward", "backward", "both"].flatMap((pass) =>
      lines.map((line) => `${pass} ${line}`),
    );
    assert.deepEqual(Object.keys(await times(page)).sort(), wanted.sort());
    assert.ok(Object.values(await agreement(page)).every(Boolean));
    for (const pass of ["forward", "backward", "both"]) {
      const verdict = panel(page, "verdict").locator(`[data-pass=${pass}] dd`);
      const said = await verdict.getAttribute("data-verdict");
      const words = {
        faster: /is faster/,
        slower: /is faster/,
        same: /equally fast/,
        unsure: /Cannot tell/,
      };
      assert.match(await verdict.textContent(), words[said]);
    }
    // Every line's rounds, 30 at least, are dots of its strip.
    const strips = await panel(page, "times")
      .locator(".dots")
      .evaluateAll((paths) => paths.map((path) => path.getAttribute("d").split("M").length - 1));
    assert.equal(strips.length, 3 * lines.length);
    assert.ok(strips.every((dots) => dots >= 30 && dots === strips[0]));
    const loads = await panel(page, "stages")
      .locator("[data-load]")
      .evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.load)));
    assert.ok(loads.length === 2 * lines.length && loads.every((ms) => ms > 0));
    const multiplies = panel(page, "phases").locator("[data-phase=multiply]");
    assert.equal(await multiplies.count(), 2 * lines.length);
    assert.equal(await panel(page, "heat").locator(".plane").count(), lines.length);
    assert.equal(
      await panel(page, "adjoint").locator("[data-pass=true]").count(),
      2 * lines.length,
    );
    assert.ok(
      (await panel(page, "numerical").locator("[data-pass=true]").count()) >= 9 * lines.length,
    );
    assert.equal(await page.locator("#lab [data-pass=false]").count(), 0);
    await leave();
  });

  test("by Winograd's algorithms too, which are refused in words where they do not apply", async () => {
    const paths = ["direct", "im2col", "winograd", "winograd4"];
    const { page, leave } = await open(SMALL.replace("direct.im2col", paths.join(".")));
    await runAndWait(page);
    assert.equal(Object.keys(await times(page)).length, 3 * paths.length);
    assert.equal(await page.locator("#lab [data-pass=false]").count(), 0);
    assert.equal(await panel(page, "verdict").locator("[data-pass=forward] dd").count(), 3);
    const phases = panel(page, "phases").locator("[data-line=winograd] [data-phase=transform]");
    assert.equal(await phases.count(), 2);
    const methods = page.locator(".settings .checks").first();
    await fill(page, { stride1: 2 });
    await methods.getByText("change the parameters, or leave it out").waitFor();
    // The sweep takes methods of its own.
    assert.equal(await page.locator(".start-sweep").isEnabled(), true);
    for (const name of ["winograd", "winograd4"]) await methods.locator(`[name=${name}]`).uncheck();
    assert.equal(await methods.locator("[name=winograd]").isDisabled(), true);
    assert.equal(await methods.locator(".problem").count(), 0);
    await leave();
  });

  test("pauses while the page is hidden, and goes on", async () => {
    const { page, leave } = await open(`${SMALL}&lab.rounds=200`);
    await page.locator("button.run").click();
    await page.locator("table.times td[data-median]").first().waitFor();
    const hide = (hidden) =>
      page.evaluate((now) => {
        Object.defineProperty(document, "hidden", { value: now, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    const round = async () => (await page.locator("#lab .status").textContent()).match(/\d+/)?.[0];
    await hide(true);
    await page.waitForTimeout(600);
    const stopped = await round();
    await page.waitForTimeout(600);
    assert.equal(await round(), stopped);
    await hide(false);
    await page.getByText("Run complete").waitFor({ timeout: 60_000 });
    await page.getByText("1 rounds during which the page was hidden").waitFor();
    await leave();
  });

  test("of a chapter's card stands beside the published figures", async () => {
    const { page, leave } = await open("lab.timeLimit=1");
    const card = page.locator("[data-chapter=chapterPool]");
    await card.getByRole("button", { name: "Run this test" }).click();
    await panel(page, "record").waitFor({ timeout: 60_000 });
    const text = await card.textContent();
    for (const figure of [
      "64×3×28×28",
      "2×2",
      "5000 loops",
      "17.54 s",
      "22.52 s",
      "times faster",
    ]) {
      assert.ok(text.includes(figure), figure);
    }
    const other = page.locator("[data-chapter=chapterConv]");
    assert.match(
      await other.textContent(),
      /text says 1000 loops; its code and its times are of 100/,
    );
    assert.match(await other.textContent(), /not run yet/);
    await leave();
  });
});

describe("records", () => {
  test("are downloaded, copied, and come back to lie over a later run", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const { page, leave } = await open(SMALL, { permissions });
    await runAndWait(page);
    const json = await download(page, "Download JSON");
    assert.match(json.name, /^convgrad-\d{8}T\d{6}\.json$/);
    const record = JSON.parse(json.text);
    assert.equal(record.format, "convgrad-lab");
    assert.match(record.environment.browser, /Chromium/);
    assert.match(record.environment.version, /^\d+\.\d+\.\d+$/);
    assert.equal(record.settings.n, 2);
    assert.equal(record.series.length, 4);
    const csv = await download(page, "Download CSV");
    const rows = csv.text.trimEnd().split("\r\n");
    assert.equal(
      rows.length,
      1 + record.series.reduce((sum, { samples }) => sum + samples.length, 0),
    );
    await page.getByRole("button", { name: "Copy JSON" }).click();
    await panel(page, "record").getByText("Copied.").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), json.text);

    const input = panel(page, "record").locator("input[type=file]");
    const file = (name, text) => ({
      name,
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
    await input.setInputFiles(file("monday.json", json.text));
    await panel(page, "record").getByText("the same configuration").waitFor();
    assert.equal(await page.locator("tr[data-earlier]").count(), 6);
    assert.equal(await panel(page, "times").locator(".strip-earlier .dots").count(), 6);
    const other = JSON.stringify({ ...record, settings: { ...record.settings, n: 3 } });
    await input.setInputFiles(file("<img src=x onerror=alert(1)>.json", other));
    await panel(page, "record").getByText("another configuration").waitFor();
    for (const [text, words] of [
      ["no JSON", "is not a JSON that this laboratory exported"],
      ['{"format":"convgrad-lab","formatVersion":99}', "exported by another version"],
      ['{"format":"convgrad-lab","formatVersion":1}', "has no samples"],
    ]) {
      await input.setInputFiles(file("bad.json", text));
      await panel(page, "record").getByText(words).waitFor();
    }
    await page.getByRole("button", { name: "Remove" }).first().click();
    assert.equal(await page.locator("tr[data-earlier]").count(), 6);
    await leave();
  });
});

describe("links", () => {
  test("are copied, and open with the same settings", async () => {
    const permissions = ["clipboard-read", "clipboard-write"];
    const { page, leave } = await open("", { permissions });
    await page.locator("[data-preset=padding]").click();
    await fill(page, { k: 7, seed: 42 });
    await page.locator("[name=plain]").uncheck();
    await page.locator("[data-field=sweep-parameter]").selectOption("kernel");
    await page.getByRole("button", { name: "Copy link" }).click();
    await page.getByText("the link opens with these settings").waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.waitForFunction(() => location.search.includes("lab.sweep=kernel"));
    assert.equal(new URL(page.url()).search, new URL(link).search);
    const second = await page.context().newPage();
    await second.goto(link);
    const value = (field) => second.locator(`#lab [data-field=${field}]`).inputValue();
    await second.locator("#lab [data-field=k]").waitFor();
    assert.deepEqual(
      await Promise.all(
        ["n", "h", "w", "k", "padding0", "padding1", "seed", "sweep-to"].map(value),
      ),
      ["8", "12", "10", "7", "5", "4", "42", "11"],
    );
    assert.equal(await second.locator("[name=plain]").isChecked(), false);
    await leave();
  });

  test("that are hostile do no harm", async () => {
    const hostile = [
      "lab.n=99999999&lab.c=512&lab.h=512&lab.w=512&lab.k=512&lab.kernel=31x31",
      "lab.operation=%3Cscript%3Ealert(1)%3C/script%3E&lab.seed=-1&lab.kernel=0x0",
      "lab.operation=maxPool2d&lab.padding=31x31&lab.dilation=16&lab.paths=&lab.rounds=0",
      "lab.__proto__=1&lab.sweep=k.NaN.9e99.0&lab.groups=511&lab.source=digits&lab.firstDigit=511",
    ];
    for (const query of hostile) {
      const { page, leave } = await open(query);
      assert.equal(await page.locator("#lab [aria-invalid]").count(), 0, query);
      assert.equal(await page.locator("button.run").isEnabled(), true);
      assert.equal(await page.locator("button.run[aria-disabled]").count(), 0);
      await leave();
    }
  });
});

describe("a sweep", () => {
  test("draws both methods in both directions, and can be read as numbers", async () => {
    const { page, leave } = await open(`${SMALL}&lab.sweep=c.1.8.4`);
    assert.equal(await page.locator("[data-values]").getAttribute("data-values"), "1,2,4,8");
    await page.locator(".start-sweep").click();
    await page.getByText("Sweep complete.").waitFor({ timeout: 60_000 });
    const marks = await panel(page, "sweep")
      .locator("[data-curve]")
      .evaluateAll((curves) =>
        curves.map((curve) => [curve.dataset.curve, curve.querySelectorAll(".mark").length]),
      );
    assert.deepEqual(marks, [
      ["direct forward", 4],
      ["im2col forward", 4],
      ["direct backward", 4],
      ["im2col backward", 4],
    ]);
    assert.equal((await page.locator(".crossings li").count()) >= 2, true);
    await page.getByText("The numbers", { exact: true }).click();
    assert.equal(await panel(page, "sweep").locator("tr[data-value]").count(), 8);
    assert.equal(await panel(page, "sweep").locator("[role=alert]").count(), 0);
    await leave();
  });

  test("stops when asked and keeps its points", async () => {
    const { page, leave } = await open(`${SMALL}&lab.sweep=c.1.512.24`);
    await page.locator(".start-sweep").click();
    await panel(page, "sweep").locator(".curve .mark").nth(8).waitFor({ timeout: 60_000 });
    assert.equal(await page.locator("button.run").isDisabled(), true);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped; the points so far are kept.").waitFor({ timeout: 15_000 });
    assert.ok((await panel(page, "sweep").locator("tr[data-value]").count()) >= 2);
    assert.match(await runAndWait(page), /^Run complete/);
    await leave();
  });
});

describe("access", () => {
  for (const [lang, colorScheme] of [
    ["zh", "dark"],
    ["en", "light"],
  ]) {
    test(`axe finds nothing in results, sweep and an earlier run (${lang}, ${colorScheme})`, async () => {
      const options = { colorScheme, bypassCSP: true, viewport: { width: 390, height: 800 } };
      const query = `${SMALL}&lab.extras=baseline.threads&lab.sweep=c.1.4.2`;
      const { page, leave } = await visit(browser, `${site.url}?lang=${lang}&${query}`, options);
      await runAndWait(page);
      const { text } = await download(page, /JSON/);
      const file = { name: "a.json", mimeType: "application/json", buffer: Buffer.from(text) };
      await panel(page, "record").locator("input[type=file]").setInputFiles(file);
      await page.locator("tr[data-earlier]").first().waitFor();
      await page.locator(".start-sweep").click();
      await panel(page, "sweep").locator(".card-actions").waitFor({ timeout: 60_000 });
      await panel(page, "sweep").locator("summary").click();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run("#lab", { resultTypes: ["violations"] }),
      );
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
      );
      await leave();
    });
  }
});
