// Pictures of the page, in both languages and themes, wide and on phones, after real runs.
//
//   node tests/page/screenshots.mjs DIR            all of them, into DIR
//   node tests/page/screenshots.mjs DIR --only en-390     those whose names begin so
//   node tests/page/screenshots.mjs --readme       the one in the README: web/page/screenshot.png
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launchChromium } from "../support/browsers.mjs";
import { serve } from "./site.mjs";
import { openExamples, openLesson, runAndWait, visit } from "./visit.mjs";

const { folder, readme, only } = readArguments();
const [site, browser] = await Promise.all([serve(), launchChromium()]);
try {
  if (readme) await readmePicture();
  else await allPictures();
} finally {
  await browser.close();
  await site.close();
}

function readArguments() {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { readme: { type: "boolean", default: false }, only: { type: "string" } },
    });
    if (positionals.length !== (values.readme ? 0 : 1)) throw new Error("one folder, or --readme");
    return { folder: positionals[0], readme: values.readme, only: values.only ?? "" };
  } catch (error) {
    const usage =
      "node tests/page/screenshots.mjs (DIR [--only LANGUAGE[-WIDTH[-THEME]]] | --readme)";
    console.error(`${error.message}\nusage: ${usage}`);
    process.exit(2);
  }
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

async function allPictures() {
  await mkdir(folder, { recursive: true });
  for (const language of ["zh", "en"]) {
    for (const [width, colorScheme] of [
      [1280, "light"],
      [1280, "dark"],
      [390, "light"],
      [390, "dark"],
      [320, "light"],
    ]) {
      const look = [language, width, colorScheme].join("-");
      if (!look.startsWith(only)) continue;
      const options = { viewport: { width, height: 900 }, colorScheme };
      const { page, leave } = await visit(browser, `${site.url}?lang=${language}`, options);
      for (const preset of ["chapterConv", "edges", "digitsMean"]) {
        await page.locator(`[data-preset=${preset}]`).click();
        await page.locator(".settings [data-field=timeLimit]").fill("1");
        await runAndWait(page);
        await picture(page, `${look}-${preset}`);
      }
      for (const part of await openLesson(page)) {
        const name = `${look}-${await part.getAttribute("id")}`;
        await tall(page, () => part.screenshot({ path: path.join(folder, `${name}.png`) }));
      }
      await openExamples(page);
      const section = page.locator("#examples");
      await section.screenshot({ path: path.join(folder, `${look}-examples.png`) });
      await page.goto(`${site.url}api/`);
      await page.screenshot({ path: path.join(folder, `${look}-api.png`) });
      await leave();
    }
  }
}

/** The laboratory as a whole. */
async function picture(page, name) {
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
