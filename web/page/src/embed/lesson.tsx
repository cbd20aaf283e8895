// A section of the lesson in an element.
import { OTHER_SECTIONS } from "./names.ts";
import { type SectionId, sections } from "./sections.ts";
import { meant } from "./values.ts";

export function lessonOf(section: string | null) {
  const ids = Object.keys(sections) as SectionId[];
  const Section = sections[meant("section", section, ids, OTHER_SECTIONS) ?? "forward"];
  return <Section />;
}
