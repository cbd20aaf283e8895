import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, runnerImport } from "vite";
import { place } from "./place.ts";

const LANGUAGES = ["zh", "en"] as const;
const source = fileURLToPath(new URL("../src/i18n/", import.meta.url));

/**
 * Puts the words of src/i18n/zh.ts and en.ts into the page as a block of data, #words: words are no
 * program, so they need not be one to be parsed, compiled and kept.
 */
export function words(): Plugin {
  return {
    name: "convgrad:words",
    transformIndexHtml: async (_html, { path: page }) => {
      if (page.endsWith("/api/index.html")) return [];
      const trees = Object.fromEntries(await Promise.all(LANGUAGES.map(read)));
      return [
        {
          tag: "script",
          attrs: { type: "application/json", id: "words" },
          // No word can end the block.
          children: JSON.stringify(trees).replaceAll("<", "\\u003c"),
          injectTo: "body",
        },
      ];
    },
  };
}

/** `import { urls } from "virtual:words"`: where the words are that elements fetch, by language. */
export function wordFiles(): Plugin {
  const id = "virtual:words";
  return {
    name: "convgrad:word-files",
    resolveId: (asked) => (asked === id ? `\0${id}` : undefined),
    async load(asked) {
      if (asked !== `\0${id}`) return undefined;
      const trees = await Promise.all(LANGUAGES.map(read));
      const urls = trees.map(([language, tree]) => {
        const name = `words-${language}.json`;
        const file = { name, type: "application/json", content: JSON.stringify(tree) };
        return `${language}: ${place(this, "beside", file)}`;
      });
      return `export const urls = { ${urls.join(", ")} };`;
    },
  };
}

async function read(language: (typeof LANGUAGES)[number]): Promise<[string, unknown]> {
  const file = path.join(source, `${language}.ts`);
  const { module } = await runnerImport<Record<string, unknown>>(file, {
    configFile: false,
    logLevel: "error",
  });
  return [language, module[language]];
}
