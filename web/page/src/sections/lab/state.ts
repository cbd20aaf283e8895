// The state of one laboratory on the page's side: what is set, what runs, and what the last run found.
// It knows neither address nor document: whoever puts a laboratory somewhere connects it.
import { computed, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import * as client from "../../engine/client.ts";
import type { Failure } from "../../engine/protocol.ts";
import { adapt, fit } from "./adapt.ts";
import { fetchDigits, pixelsOf } from "./digits.ts";
import { type Picture, planesOf, readPicture } from "./picture.ts";
import { type Preset, presetOf, presets } from "./presets.ts";
import { problemsOf } from "./rules.ts";
import type { Report, Stage, Tensors } from "./run.ts";
import type { Settings } from "./settings.ts";
import type { Series, TimingEnd } from "./timing.ts";
import type { Agreement, ChapterCheck } from "./verify.ts";

/** A run: the settings it was started with, and all that is known of it so far. */
export interface RunState {
  readonly settings: Settings;
  readonly stage: { readonly name: Stage | "starting"; readonly done: number; readonly of: number };
  readonly tensors?: Tensors;
  readonly agreement?: readonly Agreement[];
  readonly checks?: readonly ChapterCheck[];
  readonly series: readonly Series[];
  /** How it ended; absent while it runs. */
  readonly end?: TimingEnd | { readonly failure: Failure };
}

/** The person's own picture: all laboratories and the lesson show it. */
export const picture = signal<Picture | undefined>(undefined);

export type LabState = ReturnType<typeof createLab>;

/** A laboratory with these settings at first. */
export function createLab(initial: Settings = (presets[0] as Preset).settings) {
  const settings = signal<Settings>(initial);
  /** The name of a file that could not be read as a picture. */
  const unreadable = signal<string | undefined>(undefined);
  const lastRun = signal<RunState | undefined>(undefined);
  const running = signal(false);
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
    running.value = true;
    cancelAsked = false;
    const wanted = settings.value;
    let state: RunState = {
      settings: wanted,
      stage: { name: "starting", done: 0, of: 1 },
      series: [],
    };
    const show = (changes: Partial<RunState>) => {
      state = { ...state, ...changes };
      lastRun.value = state;
    };
    show({});
    const outcome = await start(wanted, (report) => show(changesOf(report)));
    current = undefined;
    running.value = false;
    show({ end: "failure" in outcome ? { failure: outcome.failure } : outcome.value });
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
    picture,
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
    cancel,
  };
}

function changesOf(report: Report): Partial<RunState> {
  switch (report.kind) {
    case "stage":
      return { stage: { name: report.stage, done: report.done, of: report.of } };
    case "tensors":
      return { tensors: report.tensors };
    case "agreement":
      return { agreement: report.agreement, checks: report.checks };
    case "series":
      return { series: report.series };
  }
}

export const LabContext = createContext<LabState | undefined>(undefined);

/** The laboratory that a component is part of. */
export function useLab(): LabState {
  return useContext(LabContext) as LabState;
}
