import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../i18n/index.ts";
import { picture } from "../lab/state.ts";
import { linked, stayWithSection } from "./address.ts";
import type { Section } from "./section.tsx";
import { sections } from "./sections.ts";

export function Lesson({ id }: { id: string }) {
  useEffect(stayWithSection, []);
  return (
    <section id={id} class="section lesson" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("lesson.title")}</h2>
      <p class="lead">{t("lesson.lead")}</p>
      {sections.map((section) => (
        // Each section's state is its own; what all have in common does not depend on it.
        <Linked key={section.id} section={section as unknown as Section<unknown>} />
      ))}
    </section>
  );
}

/** A section of the lesson that is in the page's address. */
function Linked({ section }: { section: Section<unknown> }) {
  const address = useMemo(() => linked(section), [section]);
  return <section.View {...address} picture={picture.value} />;
}
