// The custom elements of the package, on a page with styles against them and a strict policy.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { launchChromium } from "../support/browsers.mjs";
import { ENGINES, open } from "../support/engines.mjs";
import { serveForeign } from "./foreign.mjs";

let host;
let browser;
before(async () => {
  [host, browser] = await Promise.all([serveForeign(), launchChromium()]);
});
after(async () => {
  await browser?.close();
  await host?.close();
});

/** The page in Chromium with all its elements drawn, and what went wrong on it. */
async function visit(options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 1000 },
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(host.url);
  await page.locator("#wide .run:enabled").waitFor();
  await page.locator("#narrow .run:enabled").waitFor();
  await page.locator("#lesson .lesson-part").waitFor();
  const leave = async () => {
    await context.close();
    assert.deepEqual(wrong, []);
  };
  return { page, leave };
}

const style = (page, selector, name) =>
  page
    .locator(selector)
    .first()
    .evaluate((e, name) => getComputedStyle(e)[name], name);

describe("a page's elements", () => {
  test("are each what their attributes say", async () => {
    const { page, leave } = await visit();
    const values = (id) =>
      page.locator(`#${id} .settings`).evaluate((form) => {
        const value = (name) => form.querySelector(`[data-field="${name}"]`)?.value;
        return [form.querySelector("input[type=radio]:checked").value, value("n"), value("k")];
      });
    assert.deepEqual(await values("wide"), ["conv2d", "64", "4"]);
    assert.deepEqual(await values("narrow"), ["maxPool2d", "2", undefined]);
    assert.equal(await page.locator("#wide .run").textContent(), "运行");
    assert.equal(await page.locator("#narrow .run").textContent(), "Run");
    assert.match(await page.locator("#lesson h3").textContent(), /col2img/);
    await page.locator("#lesson").scrollIntoViewIfNeeded();
    await page.locator("#lesson [data-ready=true]").waitFor();
    // The caption is the page's, and what was for browsers without elements is gone.
    assert.equal(await page.getByText("Figure 1: both methods").isVisible(), true);
    assert.equal(await page.getByText("Only for browsers without elements.").isVisible(), false);
    await leave();
  });

  test("share one worker, one module and one copy of each file", async () => {
    host.asked.length = 0;
    const { page, leave } = await visit();
    assert.equal(page.workers().length, 1);
    const times = (name) => host.asked.filter((file) => file.includes(name)).length;
    assert.equal(host.asked.filter((file) => file.endsWith(".wasm")).length, 1);
    for (const file of ["element-app.js", "element-worker.js", "words-zh", "words-en"]) {
      assert.equal(times(file), 1, file);
    }
    assert.equal(times("digits"), 0, "fetched when they are chosen");
    await leave();
  });

  test("let no style in or out", async () => {
    const { page, leave } = await visit();
    assert.equal(await style(page, "#wide .convgrad", "fontSize"), "16px");
    assert.equal(await style(page, "#wide .run", "display"), "block");
    assert.equal(await style(page, "#wide .run", "fontStyle"), "normal");
    assert.equal(await style(page, "#wide h3", "color"), "rgb(29, 37, 48)");
    assert.equal(await style(page, "#wide .convgrad", "letterSpacing"), "normal");
    assert.equal(await style(page, "#wide .convgrad", "textTransform"), "none");
    // Lengths follow the person's letters, not the page's root of 6 pixels.
    assert.equal(await style(page, "#wide h3", "fontSize"), "16.32px");
    // And the page's own is as it was.
    assert.equal(await style(page, "h1", "color"), "rgb(220, 20, 60)");
    const names = await page.evaluate(() => [
      document.querySelectorAll("style").length,
      document.styleSheets.length,
      Object.keys(globalThis).filter((name) => /convgrad|preact|comlink/i.test(name)),
      document.documentElement.lang,
      document.title,
      location.search,
      localStorage.length,
    ]);
    assert.deepEqual(names, [0, 1, [], "de", "A foreign page", "", 0]);
    await leave();
  });

  test("fit where they are put, and are as dark as they are asked to be", async () => {
    const { page, leave } = await visit({ colorScheme: "dark" });
    const paper = (id) => style(page, `#${id} .convgrad`, "backgroundColor");
    assert.equal(await paper("wide"), "rgb(251, 250, 247)");
    assert.equal(await paper("narrow"), "rgb(20, 24, 29)");
    assert.equal(await paper("lesson"), "rgb(20, 24, 29)", "the system's");
    await page.emulateMedia({ colorScheme: "light" });
    await page.waitForFunction(() =>
      document.querySelector("#lesson").shadowRoot.querySelector("[data-theme=light]"),
    );
    // Side by side in the wide one, one below the other in the narrow one; nothing wider than its place.
    const columns = (id) =>
      page.locator(`#${id} .bench`).evaluate((e) => {
        const tracks = getComputedStyle(e).gridTemplateColumns;
        return tracks === "none" ? 1 : tracks.split(" ").length;
      });
    assert.equal(await columns("wide"), 2);
    assert.equal(await columns("narrow"), 1);
    const widths = await page.evaluate(() =>
      ["wide", "narrow", "lesson"].map((id) => {
        const element = document.getElementById(id);
        return element.scrollWidth - element.clientWidth;
      }),
    );
    assert.deepEqual(widths, [0, 0, 0]);
    await leave();
  });

  test("tell of results", async () => {
    const { page, leave } = await visit();
    await page.evaluate(() => {
      globalThis.told = [];
      const tell = (event) => globalThis.told.push([event.target.id, event.detail]);
      document.addEventListener("result", tell);
    });
    await page.locator("#narrow .run").click();
    await page.waitForFunction(() => globalThis.told.length > 0, undefined, { timeout: 60_000 });
    const [id, detail] = await page.evaluate(() => globalThis.told[0]);
    assert.equal(id, "narrow");
    assert.equal(detail.settings.operation, "maxPool2d");
    assert.equal(detail.settings.n, 2);
    assert.ok(detail.series.length > 0 && detail.series[0].samples.length > 0);
    const result = await page.evaluate(() => document.querySelector("#narrow").result);
    assert.deepEqual(result, detail);
    assert.equal(await page.evaluate(() => document.querySelector("#wide").result), undefined);
    await leave();
  });

  test("follow their attributes and properties", async () => {
    const { page, leave } = await visit();
    const set = (id, name, value) =>
      page.evaluate(
        ([id, name, value]) => {
          document.getElementById(id)[name] = value;
        },
        [id, name, value],
      );
    const field = (name) => page.locator(`#wide [data-field=${name}]`);
    await field("n").fill("7");
    // Language and theme change nothing of what a person has set.
    await set("wide", "lang", "en");
    await page.locator("#wide").getByText("Run", { exact: true }).waitFor();
    await set("wide", "theme", "dark");
    await page.locator("#wide [data-theme=dark]").waitFor();
    assert.equal(await field("n").inputValue(), "7");
    assert.equal(await page.locator("#wide").getAttribute("theme"), "dark");
    // Each keeps its language while another is drawn.
    await set("narrow", "lang", "zh");
    await page.locator("#narrow").getByText("运行", { exact: true }).waitFor();
    await field("n").fill("8");
    assert.equal(await page.locator("#wide .run").textContent(), "Run");
    assert.doesNotMatch(await page.locator("#wide .lab").textContent(), /\p{Script=Han}/u);
    // These start over.
    await set("wide", "preset", "stride");
    await page.waitForFunction(
      () =>
        document.querySelector("#wide").shadowRoot.querySelector("[data-field=n]").value === "16",
    );
    await set("wide", "op", "avg-pool2d");
    await page
      .locator("#wide")
      .getByRole("radio", { name: "Mean pooling" })
      .and(page.locator(":checked"))
      .waitFor();
    await set("lesson", "section", "rot180");
    await page.locator("#lesson #lesson-dx").waitFor();
    await set("lesson", "settings", "stride=2");
    await page.locator("#lesson").getByText("stride 2").first().waitFor();
    await leave();
  });

  test("say what they do not know", async () => {
    const { page, leave } = await visit();
    const said = page.waitForEvent("console");
    await page.evaluate(() =>
      document.querySelector("#lesson").setAttribute("section", "nonsense"),
    );
    assert.match((await said).text(), /section="nonsense" is none of: forward, dx, dw/);
    await page.locator("#lesson #lesson-forward").waitFor();
    await assert.rejects(leave(), /nonsense/);
  });

  test("may be moved, removed and put back", async () => {
    const { page, leave } = await visit();
    await page.locator("#wide [data-field=n]").fill("7");
    const value = () => page.locator("#wide [data-field=n]").inputValue();
    await page.evaluate(() => document.body.prepend(document.querySelector("#wide")));
    assert.equal(await value(), "7", "what is moved keeps its state");
    await page.evaluate(async () => {
      const element = document.querySelector("#wide");
      element.remove();
      await new Promise((later) => setTimeout(later, 50));
      globalThis.emptied = element.shadowRoot.childElementCount;
      document.body.append(element);
    });
    assert.equal(await page.evaluate(() => globalThis.emptied), 0);
    await page.locator("#wide .run:enabled").waitFor();
    assert.equal(await value(), "64");
    // And one that a script makes, its properties set before it is anywhere.
    await page.evaluate(() => {
      const element = document.createElement("convgrad-lab");
      Object.assign(element, { id: "made", op: "conv2d", preset: "dilation", lang: "en" });
      document.body.append(element);
    });
    await page.locator("#made .run:enabled").waitFor();
    assert.equal(await page.locator("#made [data-field=n]").inputValue(), "8");
    await leave();
  });

  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing in them (${theme})`, async () => {
      const { page, leave } = await visit({ bypassCSP: true });
      await page.evaluate((theme) => {
        for (const link of document.querySelectorAll("link[rel=stylesheet]")) link.remove();
        for (const element of document.querySelectorAll("[theme], #lesson")) element.theme = theme;
      }, theme);
      await page.locator("#lesson").scrollIntoViewIfNeeded();
      await page.locator("#lesson [data-ready=true]").waitFor();
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
});

describe("in", () => {
  for (const name of ENGINES) {
    test(`${name} they compute`, async () => {
      const engine = await open(name);
      try {
        await engine.goto(host.url);
        await engine.until(() =>
          ["wide", "narrow"].every((id) =>
            document.getElementById(id).shadowRoot?.querySelector(".run:enabled"),
          ),
        );
        const texts = await engine.evaluate(() =>
          ["wide", "narrow"].map(
            (id) => document.getElementById(id).shadowRoot.querySelector(".run").textContent,
          ),
        );
        assert.deepEqual(texts, ["运行", "Run"]);
        await engine.evaluate(() => document.querySelector("#lesson").scrollIntoView());
        await engine.until(
          () =>
            document.querySelector("#lesson").shadowRoot.querySelector("[data-ready=true]") !==
            null,
        );
        await engine.evaluate(() => {
          const narrow = document.querySelector("#narrow");
          narrow.addEventListener("result", () => narrow.setAttribute("data-told", ""));
          narrow.shadowRoot.querySelector(".run").click();
        });
        await engine.until(() => document.querySelector("#narrow").hasAttribute("data-told"));
      } finally {
        await engine.close();
      }
    });
  }
});

test("where there are no elements, importing them does nothing", () => {
  const element = fileURLToPath(new URL("../../dist/element.js", import.meta.url));
  const program = `const names = Object.keys(globalThis).length;
    const { ConvGradLabElement } = await import(${JSON.stringify(element)});
    console.log(typeof ConvGradLabElement, Object.keys(globalThis).length - names);`;
  const said = execFileSync(process.execPath, ["--input-type=module", "-e", program]);
  assert.equal(String(said), "function 0\n");
});
