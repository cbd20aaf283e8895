import { h, type VNode } from "preact";

/** An element of MathML: its name, its attributes if it has any, and then what is in it. */
export type Mathml = readonly [
  name: string,
  ...rest: (Readonly<Record<string, string>> | Mathml | string)[],
];

/** A formula that was typeset when the page was built, with the chapter's number for it. */
export function Formula({ tree, number }: { tree: Mathml | undefined; number?: string }) {
  if (!tree) return null;
  return (
    <p class="typeset">
      <span class="typeset-body">{element(tree)}</span>
      {number && <span class="typeset-number">({number})</span>}
    </p>
  );
}

function element([name, ...rest]: Mathml): VNode {
  const [first] = rest;
  const attributes = typeof first === "object" && !isTree(first) ? first : null;
  const children = (attributes ? rest.slice(1) : rest) as readonly (Mathml | string)[];
  return h(name, attributes, ...children.map((child) => (isTree(child) ? element(child) : child)));
}

const isTree = (part: Mathml[number]): part is Mathml => Array.isArray(part);
