// The laboratory in an element.
import { adapt } from "../sections/lab/adapt.ts";
import { Lab } from "../sections/lab/Lab.tsx";
import { PREFIX, parametersOf, setupFrom } from "../sections/lab/link.ts";
import { type PresetId, presets } from "../sections/lab/presets.ts";
import type { Settings } from "../sections/lab/settings.ts";
import { firstSetup, type Setup } from "../sections/lab/setup.ts";
import { OPERATIONS, OTHER_OPERATIONS, OTHER_PRESETS } from "./names.ts";
import { meant } from "./values.ts";

/** What the attributes say, null where there is none. */
export interface LabAttributes {
  readonly op: string | null;
  readonly preset: string | null;
  /** As in the page's links, with or without the laboratory's name in front of each parameter. */
  readonly settings: string | null;
}

function setupOf({ op, preset, settings }: LabAttributes): Setup {
  const asked = new Map(parametersOf({ ...firstSetup, settings: presetOf(op, preset) }));
  for (const [name, value] of new URLSearchParams(settings ?? "")) {
    asked.set(name.startsWith(PREFIX) ? name : PREFIX + name, value);
  }
  return setupFrom((name) => asked.get(name) ?? null);
}

function presetOf(op: string | null, preset: string | null): Settings {
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
export function labOf(attributes: LabAttributes, onResult: (json: string) => void) {
  const { op, preset, settings } = attributes;
  const key = `${op} ${preset} ${settings}`;
  return <Lab key={key} initial={setupOf(attributes)} onResult={onResult} />;
}
