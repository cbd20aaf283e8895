// One Chromium with one page, in which everything runs that is compared.
import { launchChromium } from "../support/browsers.mjs";
import { flopPerTurn, kinds } from "./roofline.mjs";
import { serve } from "./server.mjs";

/**
 * @param {object} settings
 * @param {string[]} settings.peers those to start
 * @param {Record<string, object>} settings.instances name -> options of convgrad's load()
 * @param {number} settings.threads of each peer
 * @returns the page, on which `bench.measure...` wait; what runs there; and its end
 */
export async function openPage({ peers, instances, threads }) {
  const server = await serve();
  const browser = await launchChromium();
  const close = async () => {
    await browser.close();
    server.close();
  };
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(0);
    page.on("pageerror", (error) => console.error(`page: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") console.error(`page: ${message.text()}`);
    });
    await page.goto(server.url);
    await page.waitForFunction(() => "startBench" in globalThis, null, { timeout: 30_000 });
    const roofline = { kinds, flopPerTurn };
    const settings = { peers, instances, threads, roofline };
    const about = await page.evaluate((given) => startBench(given), settings);
    if (!about.isolated) throw new Error("the page is not isolated: its timer is too coarse");
    return { page, about, close };
  } catch (error) {
    await close();
    throw error;
  }
}
