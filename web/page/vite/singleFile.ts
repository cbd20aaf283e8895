import { createHash } from "node:crypto";
import type { Plugin, Rolldown } from "vite";

/** Leaves the modules and the workers of the package's threads out: nothing would ever start them. */
export function withoutThreads(): Plugin {
  const files = /new URL\(\s*"\.\/[\w-]+(?:-threads\.wasm|\.js)",\s*import\.meta\.url\s*\)/g;
  return {
    name: "convgrad:without-threads",
    enforce: "pre",
    transform(code, id) {
      if (!/\/dist\/[\w-]+\.js$/.test(id)) return undefined;
      return { code: code.replace(files, 'new URL("data:,")'), map: null };
    },
  };
}

/** Puts script, styles and icon into the document and writes nothing else, under a policy of its own. */
export function singleFile(fileName: string): Plugin {
  return {
    name: "convgrad:single-file",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const files = Object.values(bundle);
        const script = files.find((file) => file.type === "chunk" && file.isEntry);
        const style = files.find(({ fileName }) => fileName.endsWith(".css"));
        const document = files.find(({ fileName }) => fileName.endsWith(".html"));
        const icon = files.find(({ fileName }) => fileName.endsWith(".svg"));
        if (!script || !style || !document || !icon || files.length > 4) {
          const names = files.map(({ fileName }) => fileName).join(", ");
          throw new Error(`not one script, style sheet, document and icon: ${names}`);
        }
        const code = textOf(script).replace(/<(?=\/script|!--)/gi, "\\x3c");
        const css = textOf(style);
        const source = textOf(document)
          .replace(/\s*<(script)[^>]*src=[^>]*><\/script>/, "")
          .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
          .replace(`./${icon.fileName}`, `data:image/svg+xml,${encodeURIComponent(textOf(icon))}`)
          // By functions: the texts may hold what replace() takes for a pattern.
          .replace("<head>", () => `<head>\n    ${policyFor(code, css)}`)
          .replace("</head>", () => `<style>${css}</style>\n  </head>`)
          .replace("</body>", () => `<script type="module">${code}</script>\n  </body>`);
        for (const name of Object.keys(bundle)) delete bundle[name];
        this.emitFile({ type: "asset", fileName, source });
      },
    },
  };
}

const textOf = (file: Rolldown.OutputAsset | Rolldown.OutputChunk): string =>
  file.type === "chunk" ? file.code : new TextDecoder().decode(Buffer.from(file.source));

/** Nothing but what is in the file, which is known by its hashes; workers come out of it as blobs. */
function policyFor(code: string, css: string): string {
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(code)} 'wasm-unsafe-eval'`,
    `style-src ${hash(css)}`,
    "worker-src blob:",
    "connect-src data:",
    "img-src data: blob:",
    "base-uri 'none'",
  ].join("; ");
  return `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
}
