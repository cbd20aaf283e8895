import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, runnerImport } from "vite";
import { type Placement, place } from "./place.ts";

const ID = "virtual:words";
const LANGUAGES = ["zh", "en"] as const;
const source = fileURLToPath(new URL("../src/", import.meta.url));

/**
 * `import { urls } from "virtual:words"`: where the page's words are, a JSON file for each language,
 * made of src/i18n/zh.ts and en.ts. A visitor fetches one language, and no program that builds it.
 */
export function words(placement: Placement = "assets"): Plugin {
  let serving = false;
  return {
    name: "convgrad:words",
    configResolved(config) {
      serving = config.command === "serve";
    },
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      const entries: string[] = [];
      for (const language of LANGUAGES) {
        const name = fileOf(language);
        const url = serving
          ? JSON.stringify(`/${name}`)
          : place(this, placement, {
              name,
              type: "application/json",
              content: await read(language),
            });
        entries.push(`${language}: ${url}`);
      }
      if (serving) for (const file of textFiles()) this.addWatchFile(file);
      return `export const urls = { ${entries.join(", ")} };`;
    },
    configureServer(server) {
      for (const language of LANGUAGES) {
        server.middlewares.use(`/${fileOf(language)}`, async (_request, response) => {
          response.setHeader("Content-Type", "application/json");
          response.end(await read(language));
        });
      }
    },
  };
}

const fileOf = (language: string) => `words-${language}.json`;

async function read(language: (typeof LANGUAGES)[number]): Promise<string> {
  const file = path.join(source, "i18n", `${language}.ts`);
  const { module } = await runnerImport<Record<string, unknown>>(file, {
    configFile: false,
    logLevel: "error",
  });
  return JSON.stringify(module[language]);
}

const textFiles = () =>
  readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((name) => /text\.\w\w\.ts$|i18n\/\w\w\.ts$/.test(name))
    .map((name) => path.join(source, name));
