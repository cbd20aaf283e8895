import { type ReadonlySignal, signal } from "@preact/signals";
import { createContext } from "preact";

const query = matchMedia("(prefers-color-scheme: dark)");

/** Whether the system is dark; canvases, which CSS does not reach, are drawn anew when it changes. */
export const dark = signal(query.matches);
query.addEventListener("change", (event) => {
  dark.value = event.matches;
});

/** Whether this part of a page is: elements on foreign pages may differ. */
export const Dark = createContext<ReadonlySignal<boolean>>(dark);
