// Builds the custom elements into dist/, where the package has been built before.
//
//   node web/page/element.mjs
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const builder = fileURLToPath(new URL("vite/element.ts", import.meta.url));
const { module } = await runnerImport(builder, { configFile: false, logLevel: "error" });
await module.buildElement();
