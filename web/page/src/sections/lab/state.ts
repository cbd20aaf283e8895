// The state of one laboratory on the page's side: what is set, what runs, and what the last run found.
// It knows neither address nor document: whoever puts a laboratory somewhere connects it.
import { computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import * as client from "../../engine/client.ts";
import type { Failure, Outcome } from "../../engine/protocol.ts";
import { adapt, fit } from "./adapt.ts";
import { fetchDigits, pixelsOf } from "./digits.ts";
import { type Picture, planesOf, readPicture } from "./picture.ts";
import { type Preset, type PresetId, presetOf, published } from "./presets.ts";
import { type EarlierRun, LARGEST_FILE, MOST_EARLIER, type Refusal, readRun } from "./record.ts";
import { problemsOf } from "./rules.ts";
import type { Findings, Report, Stage } from "./run.ts";
import type { Settings } from "./settings.ts";
import { firstSetup, type Setup } from "./setup.ts";
import { type SweepPlan, type SweepPoint, stepsOf } from "./sweep.ts";
import type { TimingEnd } from "./timing.ts";

/** How something ended. */
export type End = TimingEnd | { readonly failure: Failure };

/** A run: the settings it was started with, and all that is known of it so far. */
export interface RunState extends Partial<Findings> {
  readonly settings: Settings;
  /** When it was started: an instant in ISO 8601. */
  readonly made: string;
  readonly stage: { readonly name: Stage | "starting"; readonly done: number; readonly of: number };
  /** Absent while it runs. */
  readonly end?: End;
}

/** A sweep, as far as it has come. */
export interface SweepState {
  readonly settings: Settings;
  readonly plan: SweepPlan;
  readonly points: readonly SweepPoint[];
  readonly done: number;
  readonly of: number;
  readonly end?: End;
}

/** The person's own picture: all laboratories and the lesson show it. */
export const picture = signal<Picture | undefined>(undefined);

export type LabState = ReturnType<typeof createLab>;

/** A laboratory that is set up so at first. */
export function createLab(initial: Setup = firstSetup) {
  const settings = signal<Settings>(initial.settings);
  const sweepPlan = signal<SweepPlan>(initial.sweep);
  const lastSweep = signal<SweepState | undefined>(undefined);
  /** The last run of each of the chapter's tests. */
  const chapterRuns = signal<Partial<Record<PresetId, RunState>>>({});
  /** Runs of earlier that were loaded, to be shown beside the last. */
  const earlier = signal<readonly EarlierRun[]>([]);
  /** Why a file could not be loaded as an earlier run. */
  const refused = signal<{ readonly name: string; readonly why: Refusal } | undefined>(undefined);
  /** The name of a file that could not be read as a picture. */
  const unreadable = signal<string | undefined>(undefined);
  const lastRun = signal<RunState | undefined>(undefined);
  const running = signal<"run" | "sweep" | false>(false);
  const problems = computed(() => problemsOf(settings.value));
  const preset = computed(() => presetOf(settings.value));
  /** Whether the results shown are of other settings than those that are set. */
  const stale = computed(
    () =>
      lastRun.value !== undefined && !running.value && lastRun.value.settings !== settings.value,
  );
  let current: client.Run | undefined;
  let cancelAsked = false;

  function change(changes: Partial<Settings>): void {
    const before = settings.value;
    const toPicture = changes.source === "picture" && before.source !== "picture";
    const size = toPicture ? pictureSize(128) : {};
    settings.value = adapt(before, { ...size, ...changes });
    if (settings.value.source === "digits") void fetchDigits();
  }

  function choosePreset(chosen: Preset): void {
    settings.value = chosen.settings;
    if (chosen.settings.source === "picture") {
      setSide(Math.max(chosen.settings.h, chosen.settings.w));
    }
    if (chosen.settings.source === "digits") void fetchDigits();
  }

  async function choosePicture(file: File): Promise<void> {
    try {
      picture.value = await readPicture(file);
      unreadable.value = undefined;
      setSide(Math.max(settings.value.h, settings.value.w));
    } catch {
      unreadable.value = file.name;
    }
  }

  /** The picture's longer side. */
  function setSide(side: number): void {
    settings.value = adapt(settings.value, pictureSize(side));
  }

  function pictureSize(side: number): { h: number; w: number } {
    const { width, height } = picture.value ?? { width: 1, height: 1 };
    return fit(width, height, side);
  }

  async function run(): Promise<void> {
    if (running.value || problems.value.length > 0) return;
    running.value = "run";
    cancelAsked = false;
    const wanted = settings.value;
    let state: RunState = {
      settings: wanted,
      made: new Date().toISOString(),
      stage: { name: "starting", done: 0, of: 1 },
    };
    const show = (changes: Partial<RunState>) => {
      state = { ...state, ...changes };
      lastRun.value = state;
    };
    show({});
    const outcome = await start(wanted, (report) => show(changesOf(report)));
    current = undefined;
    running.value = false;
    show({ end: endOf(outcome) });
    const id = presetOf(wanted);
    if (id && published[id]) chapterRuns.value = { ...chapterRuns.value, [id]: state };
  }

  async function runSweep(): Promise<void> {
    const plan = sweepPlan.value;
    const wanted = settings.value;
    const { steps } = stepsOf(wanted, plan);
    if (running.value || steps.length === 0) return;
    running.value = "sweep";
    cancelAsked = false;
    let state: SweepState = { settings: wanted, plan, points: [], done: 0, of: 1 };
    const show = (changes: Partial<SweepState>) => {
      state = { ...state, ...changes };
      lastSweep.value = state;
    };
    show({});
    current = client.sweep(steps, (report) => {
      if (report.kind === "stage") show({ done: report.done, of: report.of });
      else show({ points: [...state.points, report.point] });
    });
    const outcome = await current.ended;
    current = undefined;
    running.value = false;
    show({ end: endOf(outcome) });
  }

  /** Loads documents that the export gave, here or elsewhere. */
  async function loadEarlier(files: readonly File[]): Promise<void> {
    for (const file of files) {
      const read = readRun(file.size > LARGEST_FILE ? "" : await file.text());
      if ("why" in read) {
        refused.value = { name: file.name, why: read.why };
      } else {
        refused.value = undefined;
        earlier.value = [...earlier.value, { ...read, name: file.name }].slice(-MOST_EARLIER);
      }
    }
  }

  function forgetEarlier(which: EarlierRun): void {
    earlier.value = earlier.value.filter((each) => each !== which);
  }

  function cancel(): void {
    cancelAsked = true;
    current?.cancel();
  }

  async function start(wanted: Settings, report: (report: Report) => void) {
    try {
      const pixels = await pixelsFor(wanted);
      if (cancelAsked) return { value: "cancelled" as const };
      current = client.run(wanted, pixels, report);
      return await current.ended;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { failure: { code: undefined, message } };
    }
  }

  async function pixelsFor(wanted: Settings): Promise<Float32Array | undefined> {
    if (wanted.source === "random") return undefined;
    if (wanted.source === "picture") {
      return planesOf(picture.value, wanted.h, wanted.w, wanted.planes);
    }
    const found = await fetchDigits();
    if (found === "failed") throw new Error("the digits could not be loaded");
    return pixelsOf(found, wanted.firstDigit, wanted.n);
  }

  return {
    settings,
    sweepPlan,
    lastSweep,
    chapterRuns,
    earlier,
    refused,
    unreadable,
    lastRun,
    running,
    problems,
    preset,
    stale,
    change,
    choosePreset,
    choosePicture,
    setSide,
    run,
    runSweep,
    loadEarlier,
    forgetEarlier,
    cancel,
  };
}

const endOf = (outcome: Outcome<TimingEnd>): End =>
  "failure" in outcome ? { failure: outcome.failure } : outcome.value;

function changesOf(report: Report): Partial<RunState> {
  if (report.kind === "found") return report.found;
  return { stage: { name: report.stage, done: report.done, of: report.of } };
}

export const LabContext = createContext<LabState | undefined>(undefined);

/** The laboratory that a component is part of. */
export function useLab(): LabState {
  return useContext(LabContext) as LabState;
}
