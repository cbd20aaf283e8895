// All that the elements need once one of them is on a page; until then nothing of it is loaded.
export { loadWords } from "../i18n/index.ts";
export { labOf } from "./lab.tsx";
export { lessonOf } from "./lesson.tsx";
export { languageOf, meant } from "./values.ts";
export { makeView, type View } from "./view.tsx";
