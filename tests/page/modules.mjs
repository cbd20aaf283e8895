// The page's own modules, which know neither browser nor worker, loaded as Vite loads them.
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const source = fileURLToPath(new URL("../../web/page/src/", import.meta.url));

/** @param {string} file relative to web/page/src */
export async function pageModule(file) {
  const { module } = await runnerImport(source + file, { configFile: false, logLevel: "error" });
  return module;
}
