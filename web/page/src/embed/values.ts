// What the elements' attributes say, whoever wrote them: known values, or what is taken instead.
import type { Language } from "../i18n/index.ts";

export type Theme = "auto" | "light" | "dark";

/** What both elements have. */
export interface Values {
  readonly language: Language;
  readonly theme: Theme;
}

/** Names are compared without regard to case and punctuation: "max-pool2d" is "maxPool2d". */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * The one of the known names, or of the others by which they go, that is meant; the first known one,
 * with a word to whoever wrote the page, when it is none of them.
 */
export function meant<T extends string>(
  attribute: string,
  written: string | null,
  known: readonly T[],
  others: Readonly<Record<string, T>> = {},
): T | undefined {
  if (written === null || written === "") return undefined;
  const names = new Map<string, T>([
    ...known.map((name) => [plain(name), name] as const),
    ...Object.entries(others).map(([name, stands]) => [plain(name), stands] as const),
  ]);
  const found = names.get(plain(written));
  if (found === undefined) {
    console.warn(`convgrad: ${attribute}="${written}" is none of: ${known.join(", ")}`);
  }
  return found;
}

/** By the nearest `lang` attribute, else by the browser; English for all that is not Chinese. */
export function languageOf(element: Element): Language {
  const tag = element.closest("[lang]")?.getAttribute("lang") || navigator.language;
  return tag.toLowerCase().startsWith("zh") ? "zh" : "en";
}
