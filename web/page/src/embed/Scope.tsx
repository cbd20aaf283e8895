import type { ReadonlySignal } from "@preact/signals";
import { Component, type ComponentChildren, options, type VNode } from "preact";
import { type Language, speak } from "../i18n/index.ts";
import { Dark } from "../ui/theme.ts";

interface Props {
  readonly language: ReadonlySignal<Language>;
  readonly dark: ReadonlySignal<boolean>;
  readonly children: ComponentChildren;
}

/** All that is inside speaks this language, and is as dark as this. */
export class Scope extends Component<Props> {
  override getChildContext() {
    return { language: this.props.language };
  }

  override render() {
    const { dark, children } = this.props;
    return <Dark.Provider value={dark}>{children}</Dark.Provider>;
  }
}

interface Drawn extends VNode {
  readonly __c?: Component;
}

// The page has one language, so its words ask for none: t() speaks that of whatever is being drawn.
// This is the hook, of a name that signals and the developer tools use too, which is told of that.
const hooks = options as { __r?: (drawn: Drawn) => void };
const before = hooks.__r;
hooks.__r = (drawn) => {
  const { language } = (drawn.__c?.context ?? {}) as Partial<Props>;
  if (language) speak(language);
  before?.(drawn);
};
