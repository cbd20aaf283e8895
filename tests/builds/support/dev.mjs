// Vite's development server on a free port.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { stripVTControlCharacters } from "node:util";
import { bundler } from "./consumer.mjs";

/** @returns its address, all that it has printed so far, and its end */
export async function serveByVite(version, consumer) {
  const port = await freePort();
  const args = [bundler(`${version}/bin/vite.js`), "--host", "127.0.0.1", "--port", `${port}`];
  const child = spawn(process.execPath, args, { cwd: consumer, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const url = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += stripVTControlCharacters(text);
        const address = /Local:\s+(http:\S+)/.exec(printed)?.[1];
        if (address) resolve(address);
      });
    }
    child.on("exit", () => reject(new Error(`Vite ended: ${printed}`)));
  });
  return {
    url: await url,
    printed: () => printed,
    async close() {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** A port of its own each time, so that no browser keeps what another server sent. */
async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
