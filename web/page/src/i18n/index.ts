// The page's language: chosen by ?lang=, else by an earlier choice, else by the browser.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Path } from "./words.ts";
import type { zh } from "./zh.ts";

export type Language = "zh" | "en";
export type Key = Path<typeof zh>;

export const LANGUAGES: readonly { readonly code: Language; readonly name: string }[] = [
  { code: "zh", name: "中文" },
  { code: "en", name: "English" },
];
/** What `<html lang>` says: the tag by which fonts and screen readers are chosen. */
export const TAGS: Record<Language, string> = { zh: "zh-Hans", en: "en" };
export type Words = Readonly<Partial<Record<Language, unknown>>>;
/** The trees of zh.ts and en.ts; not imported, since words need not be part of a program. */
let words: Words;
const STORAGE_KEY = "convgrad.lang";

export const language = signal<Language>("zh");

/** The language of what is being drawn: the page's, unless the page is not ours. */
let spoken: ReadonlySignal<Language> = language;

/** For elements that have each a language of its own: to be called before each drawing. */
export function speak(own: ReadonlySignal<Language>): void {
  spoken = own;
}

/** Words in the current language; components that call it are drawn anew when the language changes. */
export function t(key: Key, values: Readonly<Record<string, string | number>> = {}): string {
  const found = key
    .split(".")
    .reduce<unknown>((tree, name) => (tree as Record<string, unknown>)[name], words[spoken.value]);
  return (found as string).replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
}

/** A number as the language writes it, with so many significant digits. */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return value
      .toExponential(digits - 1)
      .replace("-", "−")
      .replace("e+", "e");
  }
  const rounding =
    size >= 10 ** digits ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  // Four digits stay together, as the chapter prints them.
  const options = { ...rounding, useGrouping: "min2" as const };
  return new Intl.NumberFormat(TAGS[spoken.value], options).format(value).replace("-", "−");
}

/** Takes the words; whoever shows parts of the page elsewhere brings them along. */
export function setWords(given: Words): void {
  words = given;
}

/** Takes the page's words from the block of data that its build put there. */
export function startLanguage(): void {
  setWords(JSON.parse(document.getElementById("words")?.textContent ?? "") as Words);
  setLanguage(firstLanguage(), false);
}

/** Switches the page; a choice is remembered, and put into the address so that a link carries it. */
export function setLanguage(code: Language, chosen = true): void {
  language.value = code;
  document.documentElement.lang = TAGS[code];
  document.title = t("page.title");
  if (!chosen) return;
  try {
    localStorage.setItem(STORAGE_KEY, code);
  } catch {
    // Storage may be forbidden; then the choice holds for this visit.
  }
  const address = new URL(location.href);
  address.searchParams.set("lang", code);
  history.replaceState(history.state, "", address);
}

function firstLanguage(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (isLanguage(asked)) return asked;
  try {
    const earlier = localStorage.getItem(STORAGE_KEY);
    if (isLanguage(earlier)) return earlier;
  } catch {
    // As above.
  }
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) ? "zh" : "en";
}

function isLanguage(code: string | null): code is Language {
  return LANGUAGES.some((known) => known.code === code);
}
