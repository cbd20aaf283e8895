import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { workExamples } from "../../engine/client.ts";
import type { Outcome } from "../../engine/protocol.ts";
import { t } from "../../i18n/index.ts";
import { FailureNotice } from "../../ui/FailureNotice.tsx";
import type { Part, Worked } from "./model/worked.ts";
import { PartView } from "./PartView.tsx";

const worked = signal<Outcome<readonly Worked[]> | undefined>(undefined);

/** The chapter's worked examples, computed when the section is first shown. */
export function Examples({ id }: { id: string }) {
  useEffect(() => {
    if (worked.value) return;
    void workExamples().then((outcome) => {
      worked.value = outcome;
    });
  }, []);
  const outcome = worked.value;
  return (
    <section id={id} class="section" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{t("examples.title")}</h2>
      <p class="lead">{t("examples.lead")}</p>
      {!outcome && <p role="status">{t("examples.working")}</p>}
      {outcome && "failure" in outcome && (
        <FailureNotice failure={outcome.failure} title={t("examples.failed")} />
      )}
      {outcome && "value" in outcome && (
        <>
          <Tally parts={outcome.value.flatMap(({ parts }) => parts)} />
          {outcome.value.map((example, index) => (
            <Example
              key={example.id}
              example={example}
              open={index === 0 || example.id === "single"}
            />
          ))}
        </>
      )}
    </section>
  );
}

function Tally({ parts }: { parts: readonly Part[] }) {
  const checked = parts.filter(({ agrees }) => agrees !== undefined);
  const passed = checked.filter(({ agrees }) => agrees).length;
  const all = passed === checked.length;
  return (
    <p class={all ? "tally good" : "tally bad"} data-passed={passed} data-count={checked.length}>
      <span aria-hidden="true">{all ? "✓" : "✗"}</span>{" "}
      {t("examples.all", { passed, count: checked.length })}
    </p>
  );
}

function Example({ example, open }: { example: Worked; open: boolean }) {
  const { id, parts } = example;
  return (
    <details class="example" open={open} data-example={id}>
      <summary>
        <h3>{t(`examples.name.${id}`)}</h3>
        <Score parts={parts} />
      </summary>
      <p class="about">{t(`examples.about.${id}`)}</p>
      <div class={`parts ${id}`}>
        {parts.map((part, index) => (
          <PartView key={index} part={part} />
        ))}
      </div>
    </details>
  );
}

function Score({ parts }: { parts: readonly Part[] }) {
  const checked = parts.filter(({ agrees }) => agrees !== undefined);
  const passed = checked.filter(({ agrees }) => agrees).length;
  const all = passed === checked.length;
  return (
    <span class={all ? "score good" : "score bad"}>
      {all ? "✓" : "✗"} {passed}/{checked.length}
    </span>
  );
}
