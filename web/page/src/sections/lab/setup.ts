import { type Preset, presets } from "./presets.ts";
import type { Settings } from "./settings.ts";
import { type SweepPlan, suggested } from "./sweep.ts";

/** Everything that can be set. */
export interface Setup {
  readonly settings: Settings;
  readonly sweep: SweepPlan;
}

/** As nobody has changed anything yet: the chapter's convolution test. */
export const firstSetup: Setup = {
  settings: (presets[0] as Preset).settings,
  sweep: suggested.c,
};
