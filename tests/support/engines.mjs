// Chromium, Firefox and WebKit behind one face: what a test needs to use a page as a person would.
//
// Chromium and Firefox are driven by Puppeteer (DevTools protocol and WebDriver BiDi), WebKit by
// WebDriver with GTK's MiniBrowser on a virtual screen. Nothing here waits inside the page, and nothing
// makes functions from strings, so that it works under any content policy and in a Node without eval.
import { launch } from "puppeteer-core";
import { CHROMIUM_FLAGS, findBrowser } from "./browsers.mjs";
import { openWebKit } from "./webkit.mjs";

export const ENGINES = ["chromium", "firefox", "webkit"];

const VIEWPORT = { width: 1280, height: 900 };
/** Until what is waited for has to be there, in milliseconds. */
const PATIENCE = 30_000;

/**
 * A browser with one empty page.
 *
 * @param {"chromium" | "firefox" | "webkit"} name
 * @param {{ viewport?: { width: number, height: number } }} [options]
 * @returns {Promise<Engine>}
 *
 * @typedef {object} Engine
 * @property {string} name
 * @property {(url: string) => Promise<void>} goto  Opens an address; resolves when it has loaded.
 * @property {(fn: (...args: any[]) => any, ...args: any[]) => Promise<any>} evaluate
 *   Runs a function in the page; arguments and answer travel as JSON, promises are awaited.
 * @property {(fn: (...args: any[]) => any, ...args: any[]) => Promise<any>} until
 *   Runs a function in the page until it answers something true, and gives that; fails when it never does.
 * @property {(selector: string) => Promise<void>} click  By the pointer, in the middle of the first match.
 * @property {(selector: string) => Promise<void>} hover
 * @property {(key: string) => Promise<void>} press  A key as `KeyboardEvent.key` names it, or a character.
 * @property {(width: number, height: number) => Promise<void>} resize
 * @property {() => Promise<Buffer>} screenshot  What the window shows, as PNG.
 * @property {() => Promise<void>} close
 */
export async function open(name, { viewport = VIEWPORT } = {}) {
  const driver =
    name === "webkit" ? await openWebKit(viewport) : await openPuppeteer(name, viewport);
  const until = async (fn, ...args) => {
    const start = performance.now();
    for (;;) {
      const found = await driver.evaluate(fn, ...args);
      if (found) return found;
      if (performance.now() - start > PATIENCE) {
        const what = `${fn} (${JSON.stringify(args)})`;
        throw new Error(`${name}: not within ${PATIENCE / 1000} s: ${what}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const { clickAt, moveTo, ...others } = driver;
  return {
    name,
    until,
    click: async (selector) => clickAt(...(await driver.evaluate(middleOf, selector))),
    hover: async (selector) => moveTo(...(await driver.evaluate(middleOf, selector))),
    ...others,
  };
}

/** In the page: brings an element onto the screen, and tells where its middle is. */
function middleOf(selector) {
  const element = document.querySelector(selector);
  if (!element) throw new Error(`there is no ${selector}`);
  element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const { left, top, width, height } = element.getBoundingClientRect();
  return [Math.round(left + width / 2), Math.round(top + height / 2)];
}

async function openPuppeteer(name, viewport) {
  const browser = await launch({
    browser: name === "firefox" ? "firefox" : "chrome",
    executablePath: findBrowser(name),
    args: name === "firefox" ? [] : CHROMIUM_FLAGS,
    defaultViewport: viewport,
  });
  const page = await browser.newPage();
  await page.setViewport(viewport);
  return {
    goto: async (url) => {
      await page.goto(url);
    },
    evaluate: (fn, ...args) => page.evaluate(fn, ...args),
    clickAt: (x, y) => page.mouse.click(x, y),
    moveTo: (x, y) => page.mouse.move(x, y),
    press: (key) => page.keyboard.press(key),
    resize: (width, height) => page.setViewport({ width, height }),
    screenshot: async () => Buffer.from(await page.screenshot()),
    close: () => browser.close(),
  };
}
