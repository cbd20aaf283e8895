import { useEffect, useState } from "preact/hooks";
import { t } from "../../../i18n/index.ts";

/** Time for a step, in milliseconds: enough to read a sum. */
const PACE = 1100;

interface Props {
  readonly count: number;
  /** 0: before the first step. */
  readonly step: number;
  readonly onStep: (step: number) => void;
  readonly label: string;
  /** Whether it can be seen; what cannot does not play. */
  readonly visible: boolean;
}

/** Steps through a figure: forward, back, by itself, or by dragging. It never starts by itself. */
export function Player({ count, step, onStep, label, visible }: Props) {
  const [playing, setPlaying] = useState(false);
  const going = playing && visible && step < count;
  useEffect(() => {
    if (!going) return;
    const timer = setTimeout(() => onStep(step + 1), PACE);
    return () => clearTimeout(timer);
  }, [going, step, onStep]);
  useEffect(() => {
    if (step >= count || !visible) setPlaying(false);
  }, [step, count, visible]);

  const toggle = () => {
    if (!going && step >= count) onStep(0);
    setPlaying(!going);
  };
  const go = (to: number) => {
    setPlaying(false);
    onStep(Math.max(0, Math.min(count, to)));
  };
  return (
    <fieldset class="player">
      <legend class="hidden">{t("lesson.player.title", { label })}</legend>
      <button type="button" onClick={() => go(0)} disabled={step === 0}>
        <Icon name="first" />
        <span class="hidden">{t("lesson.player.first")}</span>
      </button>
      <button type="button" onClick={() => go(step - 1)} disabled={step === 0}>
        <Icon name="back" />
        <span class="hidden">{t("lesson.player.back")}</span>
      </button>
      <button type="button" class="play" onClick={toggle}>
        <Icon name={going ? "pause" : "play"} />
        <span class="hidden">{t(going ? "lesson.player.pause" : "lesson.player.play")}</span>
      </button>
      <button type="button" onClick={() => go(step + 1)} disabled={step >= count}>
        <Icon name="next" />
        <span class="hidden">{t("lesson.player.next")}</span>
      </button>
      <input
        type="range"
        min={0}
        max={count}
        value={step}
        aria-label={label}
        aria-valuetext={t("lesson.player.at", { step, count })}
        onInput={(event) => go(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          if (event.key !== " ") return;
          event.preventDefault();
          toggle();
        }}
      />
      <span class="at">{t("lesson.player.at", { step, count })}</span>
    </fieldset>
  );
}

const PATHS = {
  first: "M12 5 4 12l8 7zM21 5l-8 7 8 7z",
  back: "M17 5 7 12l10 7z",
  play: "M7 4l13 8-13 8z",
  pause: "M7 5h3v14H7zM14 5h3v14h-3z",
  next: "M7 5l10 7-10 7z",
};

function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
      {name === "next" && <path d="M19 5v14" />}
      {name === "back" && <path d="M5 5v14" />}
    </svg>
  );
}
