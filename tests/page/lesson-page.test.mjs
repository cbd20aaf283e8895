// The lesson in Chromium: numbers in the cells, highlights, pinning, editing, players, access.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { launchChromium } from "../support/browsers.mjs";
import { serve } from "./site.mjs";
import { openLesson, visit } from "./visit.mjs";

let site;
let browser;
before(async () => {
  [site, browser] = await Promise.all([serve(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A visit to one section of the lesson. */
async function open(section, options) {
  const { page, leave } = await visit(browser, `${site.url}?lang=en`, options);
  const part = page.locator(`#lesson-${section}`);
  await part.scrollIntoViewIfNeeded();
  await part.locator("[data-ready=true]").waitFor();
  const cell = (grid, at) => part.locator(`[data-grid="${grid}"] [data-at="${at}"]`);
  const values = (grid) =>
    part
      .locator(`[data-grid="${grid}"] td`)
      .evaluateAll((cells) => cells.map((c) => +c.textContent));
  /** Waits until the sum that is written out matches. */
  const says = (pattern) => part.locator(".sum", { hasText: pattern }).waitFor({ timeout: 5000 });
  const spoken = () => part.locator(".sum-bar [aria-live]").textContent();
  /** Waits until a grid holds these numbers. */
  const holds = (grid, numbers) =>
    page.waitForFunction(
      ([id, wanted]) => {
        const cells = document.querySelectorAll(`${id} td`);
        return Array.from(cells, (c) => c.textContent).join() === wanted;
      },
      [`#lesson-${section} [data-grid="${grid}"]`, numbers.join()],
      { timeout: 10_000 },
    );
  return { page, leave, part, cell, values, says, spoken, holds };
}

describe("the linked figure", () => {
  test("by mouse: hovering lights up, a click pins, typing edits", async () => {
    const { page, leave, part, cell, values, says, holds } = await open("forward");
    assert.deepEqual(await values("z"), [20, 26, 38, 44]);
    await cell("z", 0).hover();
    await says("z[0,0] = 0·0 + 1·1 + 2·3 + 3·4 + 1 = 20");
    for (const at of [0, 1, 3, 4])
      assert.match(await cell("x", at).getAttribute("class"), /source/);
    assert.doesNotMatch((await cell("x", 2).getAttribute("class")) ?? "", /source/);
    await cell("x", 4).click();
    assert.match(await cell("z", 3).getAttribute("class"), /result/);
    await cell("z", 0).hover();
    await says(/^x\[1,1\] = 4/);
    await part.locator(".edit").fill("10");
    await holds("z", [38, 38, 44, 44]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    assert.equal(await part.locator(".unpin").count(), 0);
    await part.locator(".reset").click();
    await holds("z", [20, 26, 38, 44]);
    await leave();
  });

  test("by keyboard: one tab stop a grid, arrows, Enter pins, digits edit", async () => {
    const { page, leave, part, cell, says, spoken, holds } = await open("forward");
    assert.equal(await part.locator("[data-grid=x] td[tabindex='0']").count(), 1);
    await cell("x", 0).focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await says(/^x\[1,1\] = 4/);
    assert.match(
      await spoken(),
      /^x\[1,1\] = 4 .*goes into z\[0,0\], z\[0,1\], z\[1,0\], z\[1,1\]/,
    );
    await page.keyboard.type("-2");
    await holds("z", [2, 14, 32, 44]);
    await page.keyboard.press("Enter");
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("data-at"));
    assert.equal(await focused(), "4");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    assert.equal(await part.locator("[aria-selected=true]").count(), 1);
    await says(/^w\[0,1\] = 1/);
    await leave();
  });

  test("the player steps on, back, by dragging and by itself", async () => {
    const { page, leave, part, says } = await open("forward");
    const scrub = part.locator(".player input");
    await part.getByRole("button", { name: "One step on" }).click();
    await says(/^z\[0,0\] = .* = 20/);
    await scrub.fill("4");
    await says(/^z\[1,1\] = .* = 44/);
    await part.getByRole("button", { name: "One step back" }).click();
    await says(/^z\[1,0\]/);
    await scrub.focus();
    await page.keyboard.press("ArrowLeft");
    await says(/^z\[0,1\]/);
    await page.keyboard.press("Space");
    await page.waitForFunction(
      () => document.querySelector("#lesson-forward .player input").value === "4",
    );
    await part.getByRole("button", { name: "Play" }).waitFor();
    await leave();
  });

  test("extents follow from each other, and a section that is not seen does not compute", async () => {
    const { leave, part, holds } = await open("forward");
    await part.locator("[data-field=h]").fill("2");
    await holds("z", [20, 26]);
    assert.equal(await part.locator("[data-field=r]").getAttribute("max"), "2");
    await leave();
    const other = await visit(browser, `${site.url}?lang=en`);
    assert.equal(await other.page.locator(".lesson-part [data-ready=true]").count(), 0);
    await other.leave();
  });
});

describe("broken on purpose", () => {
  test("dx without rot180, and scattered with = for +=: the check turns red", async () => {
    const { leave, part, holds } = await open("dx");
    const wrong = (count) => part.locator(`[data-wrong="${count}"]`).waitFor();
    await wrong(0);
    await part.locator("[data-break=dx]").click();
    await holds("dx", [0, 3, 2, 6, 14, 6, 2, 3, 0]);
    await part.locator("input[value=scatter]").check();
    await holds("dx", [0, 0, 1, 0, 4, 6, 4, 12, 9]);
    await wrong(0);
    await part.locator("[data-break=dx]").click();
    await holds("dx", [0, 0, 1, 0, 0, 3, 4, 6, 9]);
    await wrong(3);
    await leave();
  });
});

describe("the other sections", () => {
  test("no ÷ batch, and = for += in pooling, turn the check red", async () => {
    const dw = await open("dw");
    await dw.holds("dw", [134, 148, 176, 190]);
    await dw.part.locator("[data-break=dw]").click();
    await dw.part.locator("[data-wrong='5']").waitFor();
    await dw.leave();
    const pooling = await open("pooling");
    await pooling.holds("y", [3, 4, 3, 3]);
    await pooling.part.locator("[data-break=assign]").click();
    await pooling.part.locator("[data-wrong='2']").waitFor();
    await pooling.part.locator("[data-break=zeroPadding]").click();
    await pooling.holds("xPadded", [
      ...[0, 0, 0, 0, 0, 0, 0, "−4", "−2", "−4", "−3", 0, 0, "−3", "−4", "−1", "−4", 0],
      ...[0, "−4", "−2", "−3", "−5", 0, 0, "−5", "−4", "−3", "−2", 0, 0, 0, 0, 0, 0, 0],
    ]);
    assert.notEqual(await pooling.part.locator("[data-wrong]").getAttribute("data-wrong"), "0");
    await pooling.leave();
  });

  test("col2img in four steps, and the whole batch", async () => {
    const { leave, part, says, holds } = await open("img2col");
    const scrub = part.locator(".player input");
    await scrub.fill("2");
    await holds("dx", [0, 0, 1, 0, 2, 3, 0, 0, 0]);
    await says("δ_out[1,1] = 0 + 2 = 2");
    assert.equal(await part.locator("[data-grid=dx] .tint1").count(), 4);
    await scrub.fill("4");
    await holds("dx", [0, 0, 1, 0, 4, 6, 4, 12, 9]);
    await part.locator("input[value=batch]").check();
    await part.getByText("1648").first().waitFor();
    await part.getByText("1512").first().waitFor();
    await leave();
  });

  test("a picture of one's own is pooled, and what is no picture is told", async () => {
    const { page, leave, part } = await open("pooling");
    const shown = () => part.locator(".changed").textContent();
    const before = await shown();
    const file = part.locator("input[type=file]");
    const text = { name: "no.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") };
    await file.setInputFiles(text);
    await part.getByText("cannot read this picture").waitFor();
    const buffer = await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 100 } });
    await file.setInputFiles({ name: "own.png", mimeType: "image/png", buffer });
    await page.waitForFunction(
      (text) => document.querySelector("#lesson-pooling .changed").textContent !== text,
      before,
    );
    await leave();
  });

  test("in a picture: a pixel is pointed at, pinned by key and changed", async () => {
    const { page, leave, part, says, cell } = await open("learn");
    const picture = part.locator("[data-grid=x] .picture-grid");
    await picture.focus();
    for (const key of ["ArrowDown", "ArrowRight", "Enter"]) await page.keyboard.press(key);
    await says(/^x\[1,1\] = /);
    await page.keyboard.type("2");
    await says("x[1,1] = 2");
    await page.keyboard.press("Enter");
    await cell("next", 4).click();
    await says(/^W′\[1,1\] = 0 − 4·/);
    await leave();
  });

  test("a link is copied, with its section", async () => {
    const { page, leave, part } = await open("dw", {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await part.locator("[data-field=padding]").fill("1");
    await part.locator(".copy-link").click();
    const link = new URL(await part.locator(".figure-foot pre").textContent());
    assert.equal(link.hash, "#lesson-dw");
    assert.equal(link.searchParams.get("dw.padding"), "1");
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), link.href);
    // It leads to the section, though what is above computes and grows first.
    await page.goto("about:blank");
    await page.goto(link.href);
    await page.waitForFunction(() => {
      const section = document.querySelector("#lesson-dw");
      const { top } = section?.getBoundingClientRect() ?? {};
      return Math.abs(top) < 60 && section.querySelector("[data-ready=true]");
    });
    assert.equal(await part.locator("[data-field=padding]").inputValue(), "1");
    await leave();
  });

  test("a kernel is learned, step by step and running, and divergence is told", async () => {
    const { page, leave, part } = await open("learn");
    const at = (steps) => part.locator(`[data-steps="${steps}"]`).waitFor();
    await at(0);
    await part.locator(".player .next").click();
    await at(1);
    await part.locator(".player .play").click();
    await page.waitForFunction(
      () => Number(document.querySelector(".learn-state").dataset.distance) < 0.3,
      undefined,
      { timeout: 60_000 },
    );
    await part.locator(".reset").click();
    await at(0);
    await part.locator("[data-field=rate]").fill("10");
    await part.locator(".player .play").click();
    await part.getByText("It diverged").waitFor();
    await leave();
  });

  test("learning is broken on purpose, and the check finds it out", async () => {
    const { leave, part } = await open("learn");
    const wrong = (count) => part.locator(`[data-wrong="${count}"]`).waitFor();
    await wrong(0);
    await part.locator("[data-break=mean]").click();
    await wrong(9);
    await part.locator("[data-break=add]").click();
    await wrong(0);
    await part.locator(".player .next").click();
    await part.locator("[data-grid=before]").waitFor();
    assert.notEqual(await part.locator("[data-wrong]").getAttribute("data-wrong"), "0");
    await part.locator("[data-break=add]").click();
    await wrong(0);
    await leave();
  });
});

describe("access to the lesson", () => {
  for (const [lang, colorScheme] of [
    ["zh", "light"],
    ["en", "dark"],
    ["zh", "dark"],
    ["en", "light"],
  ]) {
    test(`axe finds nothing, nothing is too small or too wide (${lang}, ${colorScheme})`, async () => {
      const viewport = { width: lang === "zh" ? 320 : 1280, height: 900 };
      const options = { viewport, colorScheme, bypassCSP: true, reducedMotion: "reduce" };
      const { page, leave } = await visit(browser, `${site.url}?lang=${lang}`, options);
      for (const part of await openLesson(page)) {
        // Broken where it can be, with a cell pinned, so that all there is to see is looked at.
        const cells = part.locator("td[data-at]");
        if ((await cells.count()) > 0) await cells.last().click();
        for (const breaker of await part.locator(".breakers button").all()) await breaker.click();
        const code = part.locator(".copy-code button");
        if ((await code.count()) > 0) await code.first().click();
      }
      await openLesson(page);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.deepEqual(widths, [viewport.width, viewport.width]);
      const small = await page
        .locator(".lesson-part :is(td[data-at], button, input, summary)")
        .evaluateAll((targets) =>
          targets
            .filter((target) => target.checkVisibility())
            .filter((target) => target.getBoundingClientRect().height < 43.5)
            .map((target) => target.outerHTML),
        );
      assert.deepEqual(small, []);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        globalThis.axe.run(".lesson", { resultTypes: ["violations"] }),
      );
      assert.deepEqual(
        violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
        [],
      );
      await leave();
    });
  }
});
