// The lesson in the page's address: what each section shows stands there in parameters of its own,
// "dx.stride=2", so that a link restores it.
import { type Parameters, readCell, readInteger, writeCell } from "./link.ts";
import type { Section, SectionProps, Shown } from "./section.tsx";

/** Sliders are dragged; engines refuse to have the address changed more than some three times a second. */
const PAUSE = 400;
/** Nothing plays on for longer. */
const MOST_STEPS = 10_000;

/** What an address says of a section. */
export function readShown<State>(
  { id, codec }: Pick<Section<State>, "id" | "codec">,
  search: string,
): Shown<State> {
  const own = [...new URLSearchParams(search)].filter(([name]) => name.startsWith(`${id}.`));
  const parameters = Object.fromEntries(
    own.map(([name, value]) => [name.slice(id.length + 1), value]),
  );
  const { step = "", pin = "" } = parameters;
  return {
    state: codec.read(parameters),
    step: readInteger(step, { min: 0, max: MOST_STEPS }, 0),
    pin: readCell(pin),
  };
}

/** An address that shows the section so, and everything else as it was. */
export function writeShown<State>(
  { id, codec }: Pick<Section<State>, "id" | "codec">,
  { state, step, pin }: Shown<State>,
  before: string,
): URL {
  const address = new URL(before);
  const { searchParams } = address;
  for (const name of [...searchParams.keys()]) {
    if (name.startsWith(`${id}.`)) searchParams.delete(name);
  }
  const parameters: Parameters = {
    ...codec.write(state),
    ...(step === 0 ? {} : { step: String(step) }),
    ...(pin === undefined || pin === "none" ? {} : { pin: writeCell(pin) }),
  };
  for (const [name, value] of Object.entries(parameters)) searchParams.set(`${id}.${name}`, value);
  return address;
}

/** A section that starts as the page's address says, and keeps it up to date. */
export function linked<State>(section: Section<State>): SectionProps<State> {
  const initial = readShown(section, location.search);
  let shown = initial;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    initial,
    onShow(now) {
      if (now === shown) return;
      shown = now;
      clearTimeout(timer);
      timer = setTimeout(() => {
        history.replaceState(history.state, "", writeShown(section, shown, location.href));
      }, PAUSE);
    },
    link() {
      const address = writeShown(section, shown, location.href);
      address.hash = `lesson-${section.id}`;
      return address.href;
    },
  };
}

/** How long a page may take to find its shape, in milliseconds. */
const SETTLING = 5000;

/** Stays with the section that the address names while what is above it grows, until someone scrolls. */
export function stayWithSection(): void {
  const [, id] = /^#(lesson-\w+)$/.exec(location.hash) ?? [];
  const target = id && document.getElementById(id);
  if (!target) return;
  const observer = new ResizeObserver(() => target.scrollIntoView({ behavior: "instant" }));
  observer.observe(document.body);
  const leave = () => observer.disconnect();
  for (const event of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    addEventListener(event, leave, { once: true, passive: true });
  }
  setTimeout(leave, SETTLING);
}
