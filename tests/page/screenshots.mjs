// Pictures of the page, in both languages and themes, wide and on phones, after real runs.
//
//   node tests/page/screenshots.mjs DIR            all of them, into DIR
//   node tests/page/screenshots.mjs --readme       the one in the README: web/page/screenshot.png
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { launch, serve } from "./site.mjs";
import { openExamples, openLesson, runAndWait, visit } from "./visit.mjs";

const target = process.argv[2];
if (!target) {
  console.error("usage: node tests/page/screenshots.mjs (DIR | --readme)");
  process.exit(2);
}

const [site, browser] = await Promise.all([serve(), launch()]);
try {
  if (target === "--readme") await readmePicture();
  else await allPictures(target);
} finally {
  await browser.close();
  await site.close();
}

/** The chapter's convolution test. */
async function readmePicture() {
  const file = fileURLToPath(new URL("../../web/page/screenshot.png", import.meta.url));
  const options = { viewport: { width: 1280, height: 1420 }, colorScheme: "light" };
  const { page, leave } = await visit(browser, `${site.url}?lang=en`, options);
  await page.locator("[data-preset=chapterConv]").click();
  await runAndWait(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: file });
  await leave();
  console.log(file);
}

async function allPictures(folder) {
  await mkdir(folder, { recursive: true });
  for (const language of ["zh", "en"]) {
    for (const [width, colorScheme] of [
      [1280, "light"],
      [1280, "dark"],
      [390, "light"],
      [390, "dark"],
      [320, "light"],
    ]) {
      const options = { viewport: { width, height: 900 }, colorScheme };
      const { page, leave } = await visit(browser, `${site.url}?lang=${language}`, options);
      for (const preset of ["chapterConv", "edges", "digitsMean"]) {
        await page.locator(`[data-preset=${preset}]`).click();
        await page.locator(".settings [data-field=timeLimit]").fill("1");
        await runAndWait(page);
        await picture(page, folder, [language, width, colorScheme, preset].join("-"));
      }
      for (const part of await openLesson(page)) {
        const name = [language, width, colorScheme, await part.getAttribute("id")].join("-");
        await tall(page, () => part.screenshot({ path: path.join(folder, `${name}.png`) }));
      }
      await openExamples(page);
      const section = page.locator("#examples");
      const name = `${[language, width, colorScheme, "examples"].join("-")}.png`;
      await section.screenshot({ path: path.join(folder, name) });
      await leave();
    }
  }
}

/** The laboratory as a whole. */
async function picture(page, folder, name) {
  await page.mouse.move(0, 0);
  await page.evaluate(() => scrollTo(0, 0));
  await tall(page, () =>
    page.locator("#lab").screenshot({ path: path.join(folder, `${name}.png`) }),
  );
}

/** In a window as high as the page, where what sticks to an edge of the window stands in its place. */
async function tall(page, take) {
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const before = page.viewportSize();
  await page.setViewportSize({ width: before.width, height });
  await take();
  await page.setViewportSize(before);
}
