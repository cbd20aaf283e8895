// The built page in Chromium, used as a person would.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { launchChromium } from "../support/browsers.mjs";
import { serve, servePlainly } from "./site.mjs";
import { agreement, fill, openExamples, runAndWait, times, visit } from "./visit.mjs";

let site;
let browser;
before(async () => {
  [site, browser] = await Promise.all([serve(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await site?.close();
});

const PATHS = ["direct", "im2col", "plain"];

/** All paths have times above 0 for these passes, and agree on these tensors. */
async function assertComplete(page, passes, tensors) {
  const taken = await times(page);
  const wanted = passes.flatMap((pass) => PATHS.map((path) => `${pass} ${path}`));
  assert.deepEqual(Object.keys(taken).sort(), wanted.sort());
  assert.ok(
    Object.values(taken).every((milliseconds) => milliseconds > 0),
    JSON.stringify(taken),
  );
  const agreed = await agreement(page);
  const compared = tensors.flatMap((tensor) => PATHS.map((path) => [`${tensor} ${path}`, true]));
  assert.deepEqual(agreed, Object.fromEntries(compared));
}

describe("opening", () => {
  test("says what runs, isolated, under the content policy", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    const engine = await page.locator(".engine").textContent();
    assert.match(engine, /Chromium \d+/);
    assert.match(engine, /(baseline|relaxed) SIMD/);
    assert.match(engine, /Cross-origin isolated ?yes/);
    assert.match(engine, /Timer step ?[\d.]+ µs/);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    // An inline script, as an injected one would be, does not run.
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.injected = true";
      document.head.append(script);
      return "injected" in globalThis;
    });
    assert.equal(ran, false);
    await page.context().close();
    // The policy reported that attempt, and nothing else.
    await assert.rejects(leave, /script-src/);
  });

  test("every worked example agrees", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=zh`);
    const tally = page.locator(".tally");
    const [passed, count] = await Promise.all(
      ["data-passed", "data-count"].map((name) => tally.getAttribute(name)),
    );
    assert.equal(passed, count);
    assert.equal(Number(count), await page.locator("#examples [data-agrees=true]").count());
    assert.equal(await page.locator("#examples [data-agrees=false]").count(), 0);
    const batch = page.locator("[data-example=batch]");
    await batch.locator("summary").click();
    await batch.getByText("1648").first().waitFor();
    await leave();
  });

  test("works from a folder of a host that sends no headers, not isolated", async () => {
    const host = await servePlainly("/some/folder/");
    const { page, leave } = await visit(browser, `${host.url}?lang=en`);
    assert.match(await page.locator(".engine").textContent(), /Cross-origin isolated ?no/);
    await page.locator("[data-preset=digitsMean]").click();
    await fill(page, { n: 4, timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    await leave();
    await host.close();
  });

  test("says in words when the package cannot start", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.route("**/*.wasm", (route) => route.fulfill({ status: 404, body: "" }));
    await page.goto(`${site.url}?lang=en`);
    const notice = page.locator("header .notice");
    await notice.waitFor();
    assert.match(await notice.textContent(), /convgrad could not start.*bad-argument/s);
    assert.equal(await page.locator("button.run").isDisabled(), true);
    await context.close();
  });
});

describe("language", () => {
  test("switches, is in the address, and is remembered", async () => {
    const { page, leave } = await visit(browser, site.url, { locale: "zh-CN" });
    const state = () =>
      page.evaluate(() => [
        document.documentElement.lang,
        document.querySelector("h2").textContent,
      ]);
    assert.deepEqual(await state(), ["zh-Hans", "实验室"]);
    await page.getByRole("button", { name: "English" }).click();
    assert.deepEqual(await state(), ["en", "Laboratory"]);
    assert.equal(new URL(page.url()).searchParams.get("lang"), "en");
    assert.match(await page.title(), /convolution/);
    assert.doesNotMatch(await page.locator("main").textContent(), /\p{Script=Han}/u);
    await page.goto(site.url);
    assert.deepEqual(await state(), ["en", "Laboratory"]);
    await page.goto(`${site.url}?lang=zh`);
    assert.deepEqual(await state(), ["zh-Hans", "实验室"]);
    await leave();
  });

  test("is the browser's at first, and nothing else is believed", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=<b>`, { locale: "de-DE" });
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await leave();
  });
});

describe("running", () => {
  const PASSES = ["forward", "backward", "both"];

  test("the chapter's convolution test", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=zh`);
    await page.locator("[data-preset=chapterConv]").click();
    await fill(page, { timeLimit: 1 });
    assert.match(await runAndWait(page), /^运行完成/);
    await assertComplete(page, PASSES, ["y", "dx", "dw", "db"]);
    assert.equal(
      await page.locator(".chapter-checks pre").textContent(),
      "forward: True\nbackward: True\ndW: True\ndB: True\n",
    );
    const published = await page.locator("[data-panel=published][data-chosen=true]").textContent();
    for (const figure of ["11.83", "3.543", "118", "35.4", "1000"]) {
      assert.ok(published.includes(figure), figure);
    }
    await leave();
  });

  test("the chapter's pooling test", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await page.locator("[data-preset=chapterPool]").click();
    await fill(page, { timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    await assertComplete(page, PASSES, ["y", "indices", "dx"]);
    const checks = await page.locator(".chapter-checks pre").textContent();
    assert.equal(checks, "forward: True\nbackward: True\n");
    const published = await page.locator("[data-panel=published][data-chosen=true]").textContent();
    for (const figure of ["17.54", "22.52", "3.51", "4.5"]) {
      assert.ok(published.includes(figure), figure);
    }
    await leave();
  });

  test("MNIST digits, and their values under the pointer and the keys", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await page.locator("[data-preset=digitsConv]").click();
    // The first test digits of MNIST.
    await page.getByRole("img", { name: /7 2 1 0 4 1 4 9 5 9/ }).waitFor();
    await fill(page, { n: 8, timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    await assertComplete(page, PASSES, ["y", "dx", "dw", "db"]);
    const input = page.locator("figure[data-tensor=x]");
    const readout = input.locator(".readout");
    // The bar of the 7 crosses row 7.
    const box = await input.locator(".plane").boundingBox();
    await input.locator(".plane").hover({
      position: { x: (8.5 / 28) * box.width, y: (7.5 / 28) * box.height },
    });
    assert.match(await readout.textContent(), /^x\[0,0,7,8\] = 0\.\d+$/);
    await page.mouse.move(0, 0);
    await input.locator(".plane").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    assert.equal(await readout.textContent(), "x[0,0,1,1] = 0");
    for (const tensor of ["w", "y", "dy", "dx", "dw", "db"]) {
      assert.equal(await page.locator(`figure[data-tensor=${tensor}]`).count(), 1, tensor);
    }
    await leave();
  });

  test("mean pooling of a picture of one's own", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    const picture = await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 100 } });
    await page.getByRole("radio", { name: "Picture", exact: true }).check();
    await page.locator(".drop input[type=file]").setInputFiles({
      name: "own.png",
      mimeType: "image/png",
      buffer: picture,
    });
    await page.getByText("own.png, originally 200×100").waitFor();
    await page.getByRole("radio", { name: "Mean pooling", exact: true }).check();
    await fill(page, { timeLimit: 1 });
    assert.match(await runAndWait(page), /^Run complete/);
    await assertComplete(page, PASSES, ["y", "dx"]);
    assert.match(await page.locator("figure[data-tensor=x]").textContent(), /1×3×64×128/);
    const broken = { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("no picture") };
    await page.locator(".drop input[type=file]").setInputFiles(broken);
    await page.getByText("not a picture the browser can read: broken.png").waitFor();
    const dropped = await page.evaluateHandle(
      async (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], "dropped.png", { type: "image/png" }));
        return transfer;
      },
      [...picture],
    );
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: dropped });
    await page.getByText("dropped.png, originally 200×100").waitFor();
    await leave();
  });

  test("one direction, some of the methods", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await page.getByRole("radio", { name: "Backward", exact: true }).check();
    await page.locator("[name=plain]").uncheck();
    await fill(page, { n: 2, timeLimit: 1 });
    await runAndWait(page);
    assert.deepEqual(Object.keys(await times(page)), ["backward direct", "backward im2col"]);
    assert.equal(await page.locator("figure[data-tensor=y]").count(), 0);
    // The cards show what was published; of this machine there is nothing to go beside it.
    const cards = await page.locator(".chapter-cards").textContent();
    assert.equal(cards.match(/not run yet/g).length, 4);
    await leave();
  });
});

describe("cancelling", () => {
  test("keeps what had been found", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await fill(page, { rounds: 1000 });
    await page.locator("button.run").click();
    await page.locator("table.times td[data-median]").first().waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled; what had been found is kept.").waitFor({ timeout: 15_000 });
    assert.ok(Object.keys(await times(page)).length > 0);
    assert.ok(Object.values(await agreement(page)).every(Boolean));
    await leave();
  });

  test("ends even a call of many seconds, and the next run works", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await fill(page, { n: 64, c: 64, h: 32, w: 32, k: 64 });
    await page.locator("button.run").click();
    await page.getByText("Computing the right answer").waitFor();
    // The page itself answers meanwhile.
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("button", { name: "取消" }).click();
    await page.getByText("已取消").waitFor({ timeout: 15_000 });
    await fill(page, { n: 1, c: 1, k: 1, timeLimit: 1 });
    assert.match(await runAndWait(page), /^运行完成/);
    await leave();
  });
});

describe("what cannot be run", () => {
  test("says why, beside the control and at the button", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=zh`);
    await fill(page, { h: 2, kernel0: 5 });
    const reason = "窗口 dilation·(核−1)+1 = 5，大于补零后的输入 4，没有输出。";
    const field = page.locator("[data-field=kernel0]");
    assert.equal(await field.getAttribute("aria-invalid"), "true");
    const about = await field.getAttribute("aria-describedby");
    assert.equal(await page.locator(`[id="${about}"]`).textContent(), reason);
    assert.ok((await page.locator(".run-bar .run-line p").textContent()).includes(reason));
    // Pressed all the same, the button leads to what is wrong.
    await page.locator("button.run:not(:disabled)").press("Enter");
    await page.locator("[data-field=kernel0]:focus").waitFor();
    assert.equal(await page.locator("table.times").count(), 0);
    await fill(page, { kernel0: 4 });
    assert.equal(await field.getAttribute("aria-invalid"), null);
    await leave();
  });

  test("groups that do not divide the channels cannot be chosen", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await fill(page, { c: 6, k: 4 });
    const offered = await page.locator("[data-field=groups] option").allTextContents();
    assert.deepEqual(offered, ["1", "2"]);
    await leave();
  });

  test("the package's refusal is shown in words with its code", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await page.getByRole("radio", { name: "Max pooling", exact: true }).check();
    // A window with one tap before the input and one behind it: nothing to take a maximum of.
    const blind = { h: 2, kernel0: 2, padding0: 1, dilation0: 3 };
    await fill(page, { n: 1, c: 1, ...blind, kernel1: 1, padding1: 0 });
    assert.equal(await runAndWait(page), "The run failed.");
    const notice = await page.locator(".run-bar .notice").textContent();
    assert.match(notice, /An argument has a value that is not allowed\./);
    assert.match(notice, /bad-argument: maxPool2d: /);
    await leave();
  });
});

describe("access", () => {
  test("the keyboard alone reaches the run button and starts a run", async () => {
    const { page, leave } = await visit(browser, `${site.url}?lang=en`);
    await fill(page, { n: 1, timeLimit: 1 });
    await page.evaluate(() => document.activeElement.blur());
    const onRun = () => page.evaluate(() => document.activeElement?.className === "run");
    for (let presses = 0; !(await onRun()); ++presses) {
      assert.ok(presses < 80, "80 presses of Tab did not reach the button");
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await page.getByText("Run complete").waitFor({ timeout: 60_000 });
    await leave();
  });

  for (const lang of ["zh", "en"]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`axe finds nothing (${lang}, ${colorScheme})`, async () => {
        // axe is put into the page, which its content policy would not allow.
        const options = { colorScheme, bypassCSP: true, reducedMotion: "reduce" };
        const { page, leave } = await visit(browser, `${site.url}?lang=${lang}`, options);
        await openExamples(page);
        // With something wrong, so that messages are looked at; lab-page.test.mjs looks at results.
        await fill(page, { kernel0: 31 });
        await page.evaluate(axe.source);
        const { violations } = await page.evaluate(() =>
          globalThis.axe.run(document, { resultTypes: ["violations"] }),
        );
        assert.deepEqual(
          violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
          [],
        );
        await leave();
      });
    }
  }

  for (const width of [320, 390]) {
    test(`at ${width} pixels nothing is wider than the screen, and a run leads to its results`, async () => {
      const viewport = { width, height: 700 };
      const { page, leave } = await visit(browser, `${site.url}?lang=en`, { viewport });
      await openExamples(page);
      await fill(page, { n: 2, timeLimit: 1 });
      await runAndWait(page);
      const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.deepEqual(widths, [width, width]);
      await page.waitForFunction(() => {
        const { top } = document.querySelector(".lab .results").getBoundingClientRect();
        return top >= 0 && top < innerHeight / 2;
      });
      await leave();
    });
  }
});
