import { signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark; canvases, which CSS does not reach, are drawn anew when it changes. */
export const dark = signal(query.matches);
query.addEventListener("change", (event) => {
  dark.value = event.matches;
});
