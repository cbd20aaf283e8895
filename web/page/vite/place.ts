import type { Rolldown } from "vite";

/**
 * Where a build has the files that its scripts fetch: among its assets, in the address itself, or beside
 * the script, by an address that bundlers understand and a name that tells whose they are.
 */
export type Placement = "assets" | "inline" | "beside";

/**
 * Vite before version 8 serves packages in development from a cache of their scripts, where the other files
 * are not.
 */
const CACHE = String.raw`/\/node_modules\/\.vite\/deps\/(?=[^/]*$)/`;

interface File {
  readonly name: string;
  readonly type: string;
  readonly content: Uint8Array | string;
}

/** An expression for the address of a file that the build is to have. */
export function place(
  build: Pick<Rolldown.PluginContext, "emitFile">,
  placement: Placement,
  { name, type, content }: File,
): string {
  switch (placement) {
    case "inline":
      return JSON.stringify(`data:${type};base64,${Buffer.from(content).toString("base64")}`);
    case "beside": {
      const fileName = `element-${name}`;
      build.emitFile({ type: "asset", fileName, source: content });
      return `new URL("./${fileName}", import.meta.url).href.replace(${CACHE}, "/node_modules/convgrad/dist/")`;
    }
    default:
      return `import.meta.ROLLUP_FILE_URL_${build.emitFile({ type: "asset", name, source: content })}`;
  }
}
