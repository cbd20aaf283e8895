import type { ComponentChildren, RefObject } from "preact";
import type { Failure } from "../../engine/protocol.ts";
import { type Key, t } from "../../i18n/index.ts";
import { FailureNotice } from "../../ui/FailureNotice.tsx";
import { Formula, type Mathml } from "../../ui/Formula.tsx";
import { ScrollBox } from "../../ui/ScrollBox.tsx";

interface Props {
  readonly id: string;
  readonly title: Key;
  /** The chapter's words, a paragraph each. */
  readonly words: readonly Key[];
  readonly formulas?: readonly (readonly [number: string, tree: Mathml | undefined])[];
  readonly failure: Failure | undefined;
  /** Whether it has computed something to show. */
  readonly ready: boolean;
  readonly box: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
}

/** A section of the lesson: words and formulas, and the figure beside them. */
export function LessonPart({ id, title, words, formulas, failure, ready, box, children }: Props) {
  return (
    <article
      class="lesson-part"
      id={`lesson-${id}`}
      aria-labelledby={`lesson-${id}-title`}
      ref={box}
    >
      <h3 id={`lesson-${id}-title`}>{t(title)}</h3>
      <div class="lesson-words">
        {words.map((key) => (
          <p key={key}>{t(key)}</p>
        ))}
        {formulas && (
          <div class="formulas-box">
            <ScrollBox label={t("lesson.formulas")}>
              {formulas.map(([number, tree]) => (
                <Formula key={number} tree={tree} number={number} />
              ))}
            </ScrollBox>
          </div>
        )}
      </div>
      <div class="lesson-figure card" data-ready={ready}>
        {failure && <FailureNotice failure={failure} title={t("lesson.failed")} />}
        {children}
      </div>
    </article>
  );
}
