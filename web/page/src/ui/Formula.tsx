import { h, type VNode } from "preact";

/** An element of MathML: its name, its attributes, and then what is in it. */
export interface Mathml {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Mathml | string)[];
}

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

function element({ name, attributes, children }: Mathml): VNode {
  return h(
    name,
    { ...attributes },
    ...children.map((child) => (typeof child === "string" ? child : element(child))),
  );
}
