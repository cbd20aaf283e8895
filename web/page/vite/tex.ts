import temml from "temml";
import type { Plugin } from "vite";

interface Node {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: (Node | string)[];
}

/** As the page gets it: a name, attributes if there are any, and then what is in it. */
type Tree = [name: string, ...rest: (Record<string, string> | Tree | string)[]];

/**
 * `import formulas from "./formulas.tex"`: a file of lines "name: TeX", typeset as MathML when the page
 * is built. The page gets trees, not markup, so it needs neither a typesetter nor a parser.
 */
export function tex(): Plugin {
  return {
    name: "convgrad:tex",
    transform(source, id) {
      if (!id.endsWith(".tex")) return undefined;
      const lines = source
        .split("\n")
        .filter((line) => line.trim() !== "" && !line.startsWith("%"));
      const formulas = lines.map((line) => {
        const [, name, formula] = /^(\w+):\s*(.+)$/.exec(line) ?? [];
        if (!name || !formula) throw new Error(`${id}: not "name: TeX": ${line}`);
        return [name, treeOf(typeset(formula))];
      });
      const code = `export default ${JSON.stringify(Object.fromEntries(formulas))};`;
      return { code, map: null };
    },
  };
}

function typeset(formula: string): Node {
  const options = { displayMode: true, throwOnError: true, xml: true };
  return parse(temml.renderToString(formula, options));
}

function treeOf({ name, attributes, children }: Node): Tree {
  const only = children.length === 1 ? children[0] : undefined;
  const plain = Object.keys(attributes).length === 0;
  // A row of one is no row.
  if (name === "mrow" && plain && typeof only === "object") return treeOf(only);
  const inside = children.map((child) => (typeof child === "string" ? child : treeOf(child)));
  return [name, ...(plain ? [] : [attributes]), ...inside];
}

/** Temml's output as a tree; it has no comments, no entities but these, and no empty text. */
function parse(markup: string): Node {
  const root: Node = { name: "", attributes: {}, children: [] };
  const open: Node[] = [root];
  for (const [token, closing, name, attributes] of markup.matchAll(/<(\/?)(\w+)([^>]*)>|[^<]+/g)) {
    const { children } = open.at(-1) as Node;
    if (!name) {
      children.push(decode(token));
    } else if (closing) {
      open.pop();
    } else {
      const node = { name, attributes: readAttributes(attributes ?? ""), children: [] };
      children.push(node);
      if (!attributes?.endsWith("/")) open.push(node);
    }
  }
  return root.children[0] as Node;
}

/** Without styles and classes: the page's content policy forbids the ones, its style sheet lacks the others. */
function readAttributes(text: string): Record<string, string> {
  const found = [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [
    name as string,
    decode(value as string),
  ]);
  return Object.fromEntries(
    found.filter(([name]) => !["style", "class", "xmlns"].includes(name as string)),
  );
}

const decode = (text: string) =>
  text.replace(
    /&(lt|gt|amp|quot);/g,
    (_, name) => ({ lt: "<", gt: ">", amp: "&", quot: '"' })[name as "lt"],
  );
