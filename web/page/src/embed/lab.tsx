// The laboratory in an element.
import { adapt } from "../sections/lab/adapt.ts";
import { Lab } from "../sections/lab/Lab.tsx";
import { type PresetId, presets } from "../sections/lab/presets.ts";
import type { Settings } from "../sections/lab/settings.ts";
import { OPERATIONS, OTHER_OPERATIONS, OTHER_PRESETS } from "./names.ts";
import { meant } from "./values.ts";

/** The settings that the attributes stand for. */
function settingsOf(op: string | null, preset: string | null): Settings {
  const operation = meant("op", op, OPERATIONS, OTHER_OPERATIONS);
  const ids = presets.map(({ id }) => id);
  const id = meant<PresetId>("preset", preset, ids, OTHER_PRESETS);
  const chosen = presets.find((candidate) =>
    id ? candidate.id === id : !operation || candidate.settings.operation === operation,
  );
  const { settings } = chosen as (typeof presets)[number];
  return operation && settings.operation !== operation ? adapt(settings, { operation }) : settings;
}

/** A laboratory that starts over when the attributes change. */
export function labOf(op: string | null, preset: string | null, onResult: (json: string) => void) {
  return <Lab key={`${op} ${preset}`} initial={settingsOf(op, preset)} onResult={onResult} />;
}
