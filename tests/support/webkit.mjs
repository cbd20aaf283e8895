// WebKit by WebDriver: WebKitWebDriver starts MiniBrowser on a virtual screen of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Builder, Capabilities, Key, Origin } from "selenium-webdriver";

/** How long the programs may take to start, in milliseconds. */
const PATIENCE = 20_000;

export async function openWebKit({ width, height }) {
  const started = [];
  const end = async () => {
    for (const child of started.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill();
      await once(child, "exit");
    }
  };
  try {
    const display = await startScreen(started);
    const port = await freePort();
    const env = {
      ...process.env,
      DISPLAY: display,
      // Its sandbox needs rights that containers do not give, and the pages are the tests' own.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      // Where a page is isolated, Safari gives it shared memory; WebKitGTK only when told to.
      JSC_useSharedArrayBuffer: "1",
    };
    started.push(spawn("WebKitWebDriver", [`--port=${port}`], { env, stdio: "ignore" }));
    const server = `http://127.0.0.1:${port}`;
    await answering(server);
    const driver = await new Builder()
      .usingServer(server)
      .withCapabilities(new Capabilities().setBrowserName("MiniBrowser"))
      .build();
    await driver.manage().setTimeouts({ script: 60_000, pageLoad: 60_000 });
    const engine = engineOf(driver, end);
    await engine.resize(width, height);
    return engine;
  } catch (error) {
    await end();
    throw error;
  }
}

function engineOf(driver, end) {
  const pointTo = (x, y) => driver.actions().move({ origin: Origin.VIEWPORT, x, y });
  return {
    goto: (url) => driver.get(url),
    evaluate: async (fn, ...args) => {
      const answer = await driver.executeAsyncScript(inPage(fn), args);
      if ("error" in answer) throw new Error(answer.error);
      return answer.value;
    },
    clickAt: (x, y) => pointTo(x, y).click().perform(),
    moveTo: (x, y) => pointTo(x, y).perform(),
    press: (key) => {
      const named = KEYS[key] ?? key;
      return driver.actions().keyDown(named).keyUp(named).perform();
    },
    resize: async (width, height) => {
      // The window's frame is counted in, so what it takes is added. GTK goes no narrower than some 450 pixels.
      const frame = driver.manage().window();
      await frame.setRect({ width, height });
      const inner = await driver.executeScript(() => [innerWidth, innerHeight]);
      const [wider, higher] = [2 * width - inner[0], 2 * height - inner[1]];
      await frame.setRect({ width: wider, height: higher });
    },
    screenshot: async () => Buffer.from(await driver.takeScreenshot(), "base64"),
    close: async () => {
      await driver.quit();
      await end();
    },
  };
}

/** A script that calls the function and answers { value } or { error }: promises are awaited. */
const inPage = (fn) => `
  const done = arguments[arguments.length - 1];
  Promise.resolve()
    .then(() => (${fn})(...arguments[0]))
    .then((value) => done({ value }), (error) => done({ error: String(error) }));`;

const KEYS = {
  ArrowUp: Key.ARROW_UP,
  ArrowDown: Key.ARROW_DOWN,
  ArrowLeft: Key.ARROW_LEFT,
  ArrowRight: Key.ARROW_RIGHT,
  Backspace: Key.BACK_SPACE,
  Delete: Key.DELETE,
  End: Key.END,
  Enter: Key.ENTER,
  Escape: Key.ESCAPE,
  F2: Key.F2,
  Home: Key.HOME,
  PageDown: Key.PAGE_DOWN,
  PageUp: Key.PAGE_UP,
  Tab: Key.TAB,
};

/** Xvfb on a display that it chooses itself. */
async function startScreen(started) {
  const screen = spawn("Xvfb", ["-displayfd", "3", "-screen", "0", "2000x1600x24"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  started.push(screen);
  const [chosen] = await Promise.race([
    once(screen.stdio[3], "data"),
    once(screen, "exit").then(() => {
      throw new Error("Xvfb could not start");
    }),
  ]);
  return `:${String(chosen).trim()}`;
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function answering(server) {
  for (const start = performance.now(); performance.now() - start < PATIENCE; ) {
    try {
      await fetch(`${server}/status`);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("WebKitWebDriver does not answer");
}
