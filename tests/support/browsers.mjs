// Where the browsers of this machine are, and Chromium with Playwright's conveniences.
import { existsSync } from "node:fs";
import path from "node:path";
import { chromium } from "playwright-core";

/** Quiet: they ask nobody for updates. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** As the set-up looks for them: the headless shell opens a page in half the time of a whole browser. */
const PROGRAMS = {
  chromium: ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"],
  firefox: ["firefox-esr", "firefox"],
};

/** Where a browser is: what CHROMIUM or FIREFOX names, else the first on PATH. */
export function findBrowser(name) {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  const found = [
    process.env[name.toUpperCase()],
    ...PROGRAMS[name].flatMap((program) => folders.map((folder) => path.join(folder, program))),
  ].find((candidate) => candidate && existsSync(candidate));
  if (!found) throw new Error(`no ${name} on PATH: node cpp/toolchain/setup.mjs test installs it`);
  return found;
}

export function launchChromium() {
  return chromium.launch({ executablePath: findBrowser("chromium"), args: CHROMIUM_FLAGS });
}
