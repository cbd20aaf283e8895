// A visit to the page in a browser, and everything that must not happen during it.
import assert from "node:assert/strict";

/**
 * Opens the page and waits until the package runs and the worked examples are there.
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions} options
 */
export async function visit(browser, url, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    // Scrolling takes no time then, in which what is to be clicked would move.
    reducedMotion: "reduce",
    ...options,
  });
  const page = await context.newPage();
  const wrong = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) wrong.push(message.text());
  });
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("requestfailed", (request) => {
    // Leaving a page aborts what it was still fetching.
    const reason = request.failure()?.errorText;
    if (reason !== "net::ERR_ABORTED") wrong.push(`failed: ${request.url()} ${reason}`);
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== "blob:" && protocol !== "data:" && origin !== new URL(url).origin) {
      wrong.push(`foreign: ${request.url()}`);
    }
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await page.goto(url);
  await page.locator(".tally").waitFor();
  await page.locator(".engine").waitFor();
  return {
    page,
    /** Closes it; nothing may have gone wrong meanwhile. */
    leave: async () => {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/** Unfolds every worked example. */
export async function openExamples(page) {
  for (const example of await page.locator("details.example").all()) {
    if ((await example.getAttribute("open")) === null) await example.locator("summary").click();
  }
}

/** Brings every section of the lesson onto the screen, where it computes; gives them. */
export async function openLesson(page) {
  const parts = await page.locator(".lesson-part").all();
  for (const part of parts) {
    await part.scrollIntoViewIfNeeded();
    await part.locator("[data-ready=true]").waitFor();
  }
  return parts;
}

/** Sets number fields of the laboratory by name. */
export async function fill(page, fields) {
  for (const [field, value] of Object.entries(fields)) {
    await page.locator(`.settings [data-field="${field}"]`).fill(String(value));
  }
}

/** Presses Run and waits for the end of the run; gives its status line. */
export async function runAndWait(page) {
  await page.locator("button.run").click();
  // The click locks the settings at once; a short run may have unlocked them again by now.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(drawn)));
  await page.locator(".settings .lock:enabled").waitFor({ timeout: 120_000 });
  return page.locator(".run-bar .run-line p").textContent();
}

/** The rows of the times, as "pass line" → milliseconds a call. */
export function times(page) {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("table.times td[data-median]")].map((cell) => {
        const pass = cell.closest("tbody").dataset.pass;
        return [`${pass} ${cell.closest("tr").dataset.line}`, Number(cell.dataset.median)];
      }),
    ),
  );
}

/** The rows of the agreement panel, as "tensor line" → whether it passes. */
export function agreement(page) {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll("table.agreement tr[data-tensor]")].map((row) => [
        `${row.dataset.tensor} ${row.dataset.line}`,
        row.querySelector("[data-pass]").dataset.pass === "true",
      ]),
    ),
  );
}
