// Builds the custom elements into the package: dist/element.js, what it loads when it is first used,
// their worker, and their digits. The package itself is beside them there.
import { createHash } from "node:crypto";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type InputOptions, type Plugin, rolldown } from "rolldown";
import { digits } from "./digits.ts";
import { shadowStyles } from "./shadowStyles.ts";
import { here } from "./shared.ts";
import { tex } from "./tex.ts";
import { wordFiles } from "./words.ts";

const dist = here("../../dist");

/** The package, and the seams that differ from the page's. */
const places: Plugin = {
  name: "convgrad:places",
  resolveId(id) {
    if (id === "convgrad") return { id: "./index.js", external: true };
    return id.endsWith("/spawn.ts") ? here("src/embed/spawn.ts") : undefined;
  },
};

/** Bundlers look for addresses in quotes; the minifier writes backticks. */
const quotes: Plugin = {
  name: "convgrad:quotes",
  generateBundle(_options, bundle) {
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk") continue;
      chunk.code = chunk.code
        .replace(/new URL\(`([^`$]+)`,\s*import\.meta\.url\)/g, 'new URL("$1",import.meta.url)')
        .replaceAll("{type:`module`}", '{type:"module"}');
    }
  },
};

async function bundle(name: string, input: string): Promise<void> {
  const options: InputOptions = {
    input: { [name]: here(input) },
    plugins: [places, digits("beside"), tex(), wordFiles(), shadowStyles(), quotes],
    platform: "browser",
    tsconfig: here("tsconfig.json"),
    transform: {
      target: "es2022",
      define: { "import.meta.env.PROD": "true", "import.meta.env.MODE": '"element"' },
    },
    logLevel: "warn",
  };
  const build = await rolldown(options);
  await build.write({
    dir: dist,
    format: "es",
    chunkFileNames: "element-[name].js",
    assetFileNames: "[name][extname]",
    minify: true,
  });
  await build.close();
}

export async function buildElement(): Promise<void> {
  await bundle("element", "src/embed/element.ts");
  await bundle("element-worker", "src/engine/worker.ts");
  await copyFile(here("src/embed/types/element.d.ts"), path.join(dist, "element.d.ts"));
  await addHashes();
}

/** The scripts' hashes, to those that the package has of its own. */
async function addHashes(): Promise<void> {
  const file = path.join(dist, "integrity.json");
  const hashes = JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
  for (const name of await readdir(dist)) {
    if (!/^element.*\.js$/.test(name)) continue;
    const hash = createHash("sha384").update(await readFile(path.join(dist, name)));
    hashes[name] = `sha384-${hash.digest("base64")}`;
  }
  const sorted = Object.fromEntries(Object.entries(hashes).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(file, `${JSON.stringify(sorted, null, 2)}\n`);
}
