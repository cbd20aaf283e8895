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
  const go = (to: number) => {
    setPlaying(false);
    onStep(to);
  };
  const toggle = () => {
    if (!going && step >= count) onStep(0);
    setPlaying(!going);
  };
  return (
    <Stepper
      {...{ count, step, label, going }}
      onStep={go}
      onToggle={toggle}
      onNext={step < count ? () => go(step + 1) : undefined}
    />
  );
}

interface StepperProps extends Omit<Props, "visible"> {
  /** Whether it goes on by itself. */
  readonly going: boolean;
  /** What playing does, if it is more than showing the steps. */
  readonly playName?: string;
  /** Absent where there is nothing to play. */
  readonly onToggle: (() => void) | undefined;
  /** Absent at the end. */
  readonly onNext: (() => void) | undefined;
}

/** The buttons and the slider of a player. */
export function Stepper(props: StepperProps) {
  const { count, step, onStep, label, going, playName, onToggle, onNext } = props;
  const play = going ? t("lesson.player.pause") : (playName ?? t("lesson.player.play"));
  return (
    <fieldset class="player">
      <legend class="hidden">{t("lesson.player.title", { label })}</legend>
      <Move icon="first" to={step > 0 ? () => onStep(0) : undefined} />
      <Move icon="back" to={step > 0 ? () => onStep(step - 1) : undefined} />
      <button type="button" class="play" onClick={onToggle} disabled={!onToggle}>
        <Icon name={going ? "pause" : "play"} />
        <span class={playName ? undefined : "hidden"}>{play}</span>
      </button>
      <Move icon="next" to={onNext} />
      <input
        type="range"
        min={0}
        max={count}
        value={step}
        disabled={count === 0}
        aria-label={label}
        aria-valuetext={t("lesson.player.at", { step, count })}
        onInput={(event) => onStep(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          if (event.key !== " ") return;
          event.preventDefault();
          onToggle?.();
        }}
      />
      <span class="at">{t("lesson.player.at", { step, count })}</span>
    </fieldset>
  );
}

function Move({ icon, to }: { icon: "first" | "back" | "next"; to: (() => void) | undefined }) {
  return (
    <button type="button" class={icon} onClick={to} disabled={!to}>
      <Icon name={icon} />
      <span class="hidden">{t(`lesson.player.${icon}`)}</span>
    </button>
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
