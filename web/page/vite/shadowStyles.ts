import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import postcss, { type AtRule, type Container, type Root, type Rule } from "postcss";
import type { Plugin } from "vite";
import { here } from "./shared.ts";

const ID = "virtual:shadow-styles";
/** Lengths of media queries, which know no variables. */
const REM = 16;

/** `import css from "virtual:shadow-styles"`: the page's style sheets, remade for a shadow root. */
export function shadowStyles(): Plugin {
  return {
    name: "convgrad:shadow-styles",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    async load(id) {
      if (id !== `\0${ID}`) return undefined;
      const sheet = await readSheet(here("src/embed/shadow.css"));
      return { code: `export default ${JSON.stringify(squeeze(remake(sheet)))};`, map: null };
    },
  };
}

/** A style sheet with what it imports, in order. */
async function readSheet(file: string): Promise<Root> {
  const sheet = postcss.parse(await readFile(file, "utf8"), { from: file });
  const imports: AtRule[] = [];
  sheet.walkAtRules("import", (rule) => {
    imports.push(rule);
  });
  for (const rule of imports) {
    const name = rule.params.replace(/^["']|["']$/g, "");
    const inner = name.startsWith(".")
      ? path.join(path.dirname(file), name)
      : createRequire(file).resolve(name);
    rule.replaceWith((await readSheet(inner)).nodes);
  }
  return sheet;
}

/**
 * - What is said of the document is said of `.convgrad`, which lets nothing of the page's in.
 * - Darkness is an attribute there, and the width, of which media and vw speak, that of the element.
 * - A rem is a variable: the page's root may have letters of any size.
 */
function remake(sheet: Root): Root {
  sheet.walkAtRules("media", (media) => {
    if (/prefers-color-scheme:\s*dark/.test(media.params)) {
      darken(media);
      return;
    }
    const range = /^(?:only screen and )?((?:(?: and )?\((?:min|max)-width:[^)]+\))+)$/;
    const width = range.exec(media.params)?.[1];
    if (!width) return;
    media.name = "container";
    media.params = width.replace(/([\d.]+)rem/g, (_, n) => `${Number(n) * REM}px`);
  });
  sheet.walkRules((rule) => {
    if (rule.parent?.type === "atrule" && /keyframes$/.test((rule.parent as AtRule).name)) return;
    // Pico speaks of hosts too; here these are the page's, but for what frame.css says.
    const selectors = rule.selectors.filter((one) => !isPico(rule) || !one.includes(":host"));
    if (selectors.length === 0) rule.remove();
    else rule.selectors = [...new Set(selectors.map(inside))];
  });
  sheet.walkDecls((declaration) => {
    declaration.value = declaration.value
      .replace(/(?<![\w.-])(-?\d*\.?\d+)rem\b/g, (_, n) => `calc(${n}*var(--rem))`)
      .replace(/(?<=\d)vw\b/g, "cqi");
  });
  sheet.prepend(postcss.parse(":where(.frame,.convgrad){all:initial;display:block}"));
  return sheet;
}

const isPico = (node: AtRule | Rule) => node.source?.input.file?.includes("picocss") ?? false;

const inside = (selector: string) =>
  selector
    // The page's own colours hold in both themes: on the page, the dark one is no attribute.
    .replace(/^:root:not\(\[data-theme="dark"\]\)/, ".convgrad[data-theme]")
    .replace(/^(html|body|#app)(?![\w-])|:root|(?<=^|\s|>)#app(?![\w-])/g, ".convgrad")
    .replace(/^\.convgrad\s*>?\s*\.convgrad/, ".convgrad");

/** What holds in the dark, by the attribute; Pico says it by itself already. */
function darken(media: AtRule): void {
  if (!isPico(media)) {
    (media as Container).walkRules((rule: Rule) => {
      rule.selectors = rule.selectors.map((selector) =>
        selector.startsWith(":root")
          ? selector.replace(/^:root(:not\(\[data-theme\]\))?/, ".convgrad[data-theme=dark]")
          : `.convgrad[data-theme=dark] ${selector}`,
      );
    });
    media.before(media.nodes ?? []);
  }
  media.remove();
}

/** Without comments and the white space that only people need. */
function squeeze(sheet: Root): string {
  sheet.walkComments((comment) => {
    comment.remove();
  });
  return sheet
    .toString()
    .replace(/\s+/g, " ")
    .replace(/ ?([{};,]) ?/g, "$1")
    .replace(/;}/g, "}")
    .trim();
}
