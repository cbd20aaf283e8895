// The lesson in Chromium, Firefox and WebKit: it computes the chapter's numbers, is worked with by mouse
// and by keyboard, and comes back from links; links that mean harm do none.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ENGINES, open } from "../support/engines.mjs";
import { serve } from "./site.mjs";

/** What stands in the cells at first; in the chapter where it prints them. */
const NUMBERS = {
  forward: { z: [20, 26, 38, 44] },
  dx: { dx: [0, 0, 1, 0, 4, 6, 4, 12, 9], rot: [3, 2, 1, 0] },
  dw: { dw: [134, 148, 176, 190], db: [14] },
  img2col: {
    colX: [0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8],
    dW: [19, 25, 37, 43],
    dcol: [0, 0, 0, 0, 0, 1, 2, 3, 0, 2, 4, 6, 0, 3, 6, 9],
    dx: [0, 0, 1, 0, 4, 6, 4, 12, 9],
  },
  pooling: { y: [3, 4, 3, 3], dx: [0, 1, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 4] },
  learn: { sought: [0, -1, 0, 0, 2, 0, 0, -1, 0], W: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
};

const hostile = [
  "dx.h=-1&dx.w=1e9&dx.r=99&dx.stride=0&dx.padding=NaN&dx.dilation=<b>&dx.method=__proto__",
  "forward.x=1_2&forward.kernel=Infinity_0_0_0&forward.bias=<img src=x onerror=alert(1)>&forward.c=3",
  "img2col.n=9&img2col.h=9&img2col.step=99999&img2col.pin=constructor_1&pooling.x=%00&pooling.size=7",
  "pooling.padding=5&pooling.broken=zeroPadding&pooling.kind=mean&learn.rate=999&learn.w=1&dw.__proto__=1",
  `dw.x=${"9_".repeat(2000)}&lang=<script>&learn.kernel=1e999_0_0_0_0_0_0_0_0&learn.pin=x_99999`,
].join("&");

let site;
before(async () => {
  site = await serve();
});
after(() => site?.close());

for (const name of ENGINES) {
  describe(`the lesson in ${name}`, () => {
    let engine;
    before(async () => {
      engine = await open(name);
    });
    after(() => engine?.close());

    const part = (id) => `#lesson-${id}`;
    const cell = (id, grid, at) => `${part(id)} [data-grid=${grid}] [data-at="${at}"]`;
    /** Opens the page, brings a section onto the screen and waits for what it computes. */
    const visit = async (id, query = "lang=en") => {
      await engine.goto(`${site.url}?${query}`);
      await show(id);
    };
    const show = async (id) => {
      await engine.until((selector) => document.querySelector(selector) !== null, part(id));
      // What is above it computes too, and grows: it is looked for again until it stands still.
      await engine.until((selector) => {
        const section = document.querySelector(selector);
        section.scrollIntoView({ behavior: "instant" });
        return section.querySelector("[data-ready=true]") !== null;
      }, part(id));
    };
    const numbers = (id, grid) =>
      engine.evaluate(
        (selector) =>
          Array.from(document.querySelectorAll(selector), ({ textContent }) =>
            Number(textContent.replace("−", "-")),
          ),
        `${part(id)} [data-grid=${grid}] td`,
      );
    const holds = (id, grid, wanted) =>
      engine.until(
        (selector, text) =>
          Array.from(document.querySelectorAll(selector), (td) => td.textContent).join() === text,
        `${part(id)} [data-grid=${grid}] td`,
        wanted.join(),
      );
    const says = (id, start) =>
      engine.until(
        (selector, text) => document.querySelector(selector)?.textContent.startsWith(text) ?? false,
        `${part(id)} .sum`,
        start,
      );
    const pinned = (id) =>
      engine.evaluate(
        (selector) => document.querySelectorAll(selector).length,
        `${part(id)} [aria-selected=true]`,
      );

    test("every section opens and computes; the chapter's numbers stand in the cells", async () => {
      await engine.goto(`${site.url}?lang=zh`);
      for (const [id, grids] of Object.entries(NUMBERS)) {
        await show(id);
        for (const [grid, wanted] of Object.entries(grids)) {
          assert.deepEqual(await numbers(id, grid), wanted, `${id} ${grid}`);
        }
      }
      const checks = await engine.evaluate(() =>
        Array.from(document.querySelectorAll(".lesson [data-wrong]"), (e) => e.dataset.wrong),
      );
      assert.deepEqual(checks, ["0", "0", "0", "0", "0"]);
    });

    test("by mouse: hover lights up, a click pins, a number is edited, it is broken", async () => {
      await visit("forward");
      await engine.hover(cell("forward", "z", 0));
      await says("forward", "z[0,0] = 0·0 + 1·1 + 2·3 + 3·4 + 1 = 20");
      await engine.click(cell("forward", "x", 4));
      assert.equal(await pinned("forward"), 1);
      await engine.click(`${part("forward")} .edit`);
      for (const key of ["End", "Backspace", "1", "0"]) await engine.press(key);
      await holds("forward", "z", [38, 38, 44, 44]);
      await engine.click(`${part("forward")} .unpin`);
      assert.equal(await pinned("forward"), 0);
      await show("dx");
      await engine.click("[data-break=dx]");
      await holds("dx", "dx", [0, 3, 2, 6, 14, 6, 2, 3, 0]);
      await engine.until(() => document.querySelector("#lesson-dx .verdict.bad") !== null);
    });

    test("by keyboard: arrows, Enter pins, typing edits, Escape lets go; the player steps", async () => {
      await visit("img2col");
      await engine.evaluate((at) => document.querySelector(at).focus(), cell("img2col", "dy", 0));
      for (const key of ["ArrowDown", "ArrowRight", "Enter"]) await engine.press(key);
      await says("img2col", "δ_in[1,1] = 3");
      assert.equal(await pinned("img2col"), 1);
      await engine.press("5");
      await holds("img2col", "dx", [0, 0, 1, 0, 4, 8, 4, 16, 15]);
      await engine.press("Enter");
      await engine.press("Escape");
      assert.equal(await pinned("img2col"), 0);
      const player = `${part("img2col")} .player input`;
      await engine.evaluate((input) => document.querySelector(input).focus(), player);
      for (const key of ["ArrowRight", "ArrowRight"]) await engine.press(key);
      await holds("img2col", "dx", [0, 0, 1, 0, 2, 3, 0, 0, 0]);
      await says("img2col", "δ_out[1,1] = 0 + 2 = 2");
    });

    test("a kernel is learned", async () => {
      await visit("learn", "lang=en&learn.rate=8");
      await engine.click(`${part("learn")} .player .play`);
      await engine.until(
        () => Number(document.querySelector(".learn-state").dataset.distance) < 0.1,
      );
    });

    test("a link restores what was set, edited, broken and pinned", async () => {
      await visit("dx");
      await engine.evaluate(() => {
        for (const [field, value] of [
          ["w", "4"],
          ["stride", "2"],
        ]) {
          const slider = document.querySelector(`#lesson-dx [data-field=${field}]`);
          slider.value = value;
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }
      });
      await engine.until(() => document.querySelector("#lesson-dx [data-grid=dz]") !== null);
      await engine.click("#lesson-dx [data-break=dx]");
      await engine.until(() => document.querySelector("#lesson-dx .verdict.bad") !== null);
      await engine.click(cell("dx", "w", 0));
      await engine.press("7");
      await engine.until(() => location.search.includes("dx.kernel=7_1_2_3"));
      const search = await engine.evaluate(() => location.search.slice(1));
      const before = await numbers("dx", "dx");
      await engine.goto("about:blank");
      await visit("dx", search);
      assert.deepEqual(await numbers("dx", "dx"), before);
      await says("dx", "w[0,0] = 7");
      assert.equal(await pinned("dx"), 1);
      assert.equal(
        await engine.evaluate(() =>
          document.querySelector("[data-break=dx]").getAttribute("aria-pressed"),
        ),
        "true",
      );
    });

    test("hostile links do no harm", async () => {
      await engine.goto(`${site.url}?${hostile}`);
      for (const id of Object.keys(NUMBERS)) await show(id);
      const found = await engine.evaluate(() => ({
        notices: document.querySelectorAll(".lesson .notice.bad, .lesson [role=alert]").length,
        images: document.querySelectorAll(".lesson img, .lesson script").length,
        polluted: String({}.polluted),
        height: document.querySelector("#lesson-dx [data-field=h]").value,
      }));
      assert.deepEqual(found, { notices: 0, images: 0, polluted: "undefined", height: "1" });
    });
  });
}
