import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, runnerImport } from "vite";

const LANGUAGES = ["zh", "en"] as const;
const source = fileURLToPath(new URL("../src/i18n/", import.meta.url));

/**
 * Puts the words of src/i18n/zh.ts and en.ts into the page as a block of data, #words: words are no
 * program, so they need not be one to be parsed, compiled and kept.
 */
export function words(): Plugin {
  return {
    name: "convgrad:words",
    transformIndexHtml: async () => {
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

async function read(language: (typeof LANGUAGES)[number]): Promise<[string, unknown]> {
  const file = path.join(source, `${language}.ts`);
  const { module } = await runnerImport<Record<string, unknown>>(file, {
    configFile: false,
    logLevel: "error",
  });
  return [language, module[language]];
}
