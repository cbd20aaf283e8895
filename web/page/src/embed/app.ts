// All that the elements need once one of them is on a page; until then nothing of it is loaded.
export { labOf } from "./lab.tsx";
export { lessonOf } from "./lesson.tsx";
export { loadWords } from "./loadWords.ts";
export { languageOf, meant } from "./values.ts";
export { makeView, type View } from "./view.tsx";
