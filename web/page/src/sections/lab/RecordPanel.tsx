import { useEffect, useMemo, useState } from "preact/hooks";
import { browserName } from "../../engine/browser.ts";
import { engine } from "../../engine/client.ts";
import { t } from "../../i18n/index.ts";
import { csvOf, type EarlierRun, type Environment, recordOf } from "./record.ts";
import { type RunState, useLab } from "./state.ts";
import { inShort } from "./words.ts";

/** Where this runs, as a record says it. */
export function environmentHere(): Environment {
  const state = engine.value;
  const runs = state && "value" in state ? state.value : undefined;
  return {
    version: runs?.version ?? "",
    browser: browserName(navigator.userAgent),
    cores: navigator.hardwareConcurrency,
    isolated: runs?.isolated ?? false,
    clockStep: runs?.clockStep ?? 0,
  };
}

/** Export of the last run, and earlier ones to lay over it. */
export function RecordPanel({ run }: { run: RunState }) {
  const { lastSweep, loadEarlier, refused } = useLab();
  const json = useMemo(
    () => (run.end ? recordText(run, lastSweep.value) : undefined),
    [run, lastSweep.value],
  );
  const csv = useMemo(() => csvOf(run.timing?.series ?? []), [run.timing]);
  const [copied, setCopied] = useState<boolean | undefined>(undefined);
  useEffect(() => setCopied(undefined), [json]);
  if (json === undefined) return null;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(json);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  const name = `convgrad-${run.made.replace(/[^\dT]/g, "").slice(0, 15)}`;
  return (
    <section class="card" aria-labelledby="record-title" data-panel="record">
      <h3 id="record-title">{t("lab.record.title")}</h3>
      <p class="hint">{t("lab.record.lead")}</p>
      <div class="card-actions">
        <button type="button" class="secondary" onClick={() => void copy()}>
          {t("lab.record.copy")}
        </button>
        <Download name={`${name}.json`} type="application/json" text={json}>
          {t("lab.record.json")}
        </Download>
        <Download name={`${name}.csv`} type="text/csv" text={csv}>
          {t("lab.record.csv")}
        </Download>
        <label class="file">
          <input
            type="file"
            accept=".json,application/json"
            multiple
            class="hidden"
            onChange={async (event) => {
              const input = event.currentTarget;
              await loadEarlier([...(input.files ?? [])]);
              // The same file may be chosen again.
              input.value = "";
            }}
          />
          <span role="presentation">{t("lab.record.load")}</span>
        </label>
      </div>
      <p role="status" class="hint">
        {copied !== undefined && t(copied ? "lab.record.copied" : "lab.record.notCopied")}
      </p>
      {refused.value && (
        <p class="problem" role="alert">
          {t(REFUSALS[refused.value.why], { name: refused.value.name })}
        </p>
      )}
      <EarlierList run={run} />
    </section>
  );
}

const REFUSALS = {
  format: "lab.record.refusedFormat",
  version: "lab.record.refusedVersion",
  empty: "lab.record.refusedEmpty",
} as const;

export function recordText(run: RunState, sweep: Parameters<typeof recordOf>[2]): string {
  return JSON.stringify(recordOf(run, environmentHere(), sweep), null, 1);
}

/** A link to a text as a file. */
export function Download(props: { name: string; type: string; text: string; children: string }) {
  const { name, type, text, children } = props;
  const [url, setUrl] = useState("");
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([text], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [text, type]);
  return (
    <a class="action" href={url} download={name}>
      {children}
    </a>
  );
}

function EarlierList({ run }: { run: RunState }) {
  const { earlier, forgetEarlier } = useLab();
  if (earlier.value.length === 0) return null;
  return (
    <ul class="earlier-list">
      {earlier.value.map((each) => (
        <li key={`${each.name} ${each.made}`}>
          <span>
            <b>{each.name}</b> {each.made.slice(0, 16).replace("T", " ")} ·{" "}
            {t("lab.record.where", {
              browser: each.environment.browser,
              version: each.environment.version,
            })}{" "}
            · {sameWork(each, run) ? t("lab.record.same") : otherWork(each)}
          </span>
          <button type="button" class="plain" onClick={() => forgetEarlier(each)}>
            {t("lab.record.drop")}
          </button>
        </li>
      ))}
    </ul>
  );
}

const sameWork = (earlier: EarlierRun, run: RunState) =>
  earlier.settings.operation === run.settings.operation &&
  inShort(earlier.settings) === inShort(run.settings);
const otherWork = ({ settings }: EarlierRun) =>
  t("lab.record.other", {
    settings: `${t(`lab.operation.${settings.operation}`)} ${inShort(settings)}`,
  });
