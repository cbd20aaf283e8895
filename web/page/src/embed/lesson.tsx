// A section of the lesson in an element.
import { readShown } from "../sections/lesson/address.ts";
import type { Section } from "../sections/lesson/section.tsx";
import { sections } from "../sections/lesson/sections.ts";
import { OTHER_SECTIONS } from "./names.ts";
import { meant } from "./values.ts";

/** A section of the lesson that starts over when the attributes change. */
export function lessonOf(section: string | null, settings: string | null) {
  const known = sections as unknown as readonly Section<unknown>[];
  const ids = known.map(({ id }) => id);
  const id = meant("section", section, ids, OTHER_SECTIONS) ?? ids[0];
  const chosen = known.find((candidate) => candidate.id === id) as Section<unknown>;
  // As in the page's links, where the section's name is in front of each parameter.
  const asked = [...new URLSearchParams(settings ?? "")].map(([name, value]) => [
    name.startsWith(`${id}.`) ? name : `${id}.${name}`,
    value,
  ]);
  const initial = readShown(chosen, new URLSearchParams(asked).toString());
  return <chosen.View key={`${id} ${settings}`} initial={initial} />;
}
