import { urls } from "virtual:words";
import { type Language, setWords, type Words } from "../i18n/index.ts";

const coming: Partial<Record<Language, Promise<void> | undefined>> = {};
let words: Words = {};

/** Fetches a language's words, once for all elements. */
export function loadWords(language: Language): Promise<void> {
  coming[language] ??= fetchWords(language).catch((error) => {
    coming[language] = undefined;
    throw error;
  });
  return coming[language];
}

async function fetchWords(language: Language): Promise<void> {
  const response = await fetch(urls[language]);
  if (!response.ok) throw new Error(`${response.status} for ${urls[language]}`);
  const tree: unknown = await response.json();
  // Not before: another language may have come meanwhile.
  words = { ...words, [language]: tree };
  setWords(words);
}
