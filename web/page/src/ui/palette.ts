// Colours of planes: grey for data that are nowhere negative, as pictures are; blue through the
// surface's own colour to orange for signed data, so that zero recedes in either theme.

export type Rgb = readonly [number, number, number];

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly signed: boolean;
}

/** Stops from −1 to 1. Blue and orange: told apart with any common colour blindness. */
const LIGHT: readonly Rgb[] = [
  [16, 52, 110],
  [47, 110, 184],
  [146, 190, 226],
  [246, 246, 244],
  [247, 188, 134],
  [217, 108, 32],
  [120, 46, 4],
];
const DARK: readonly Rgb[] = [
  [166, 212, 255],
  [74, 144, 217],
  [34, 74, 120],
  [28, 31, 36],
  [122, 66, 22],
  [226, 127, 48],
  [255, 212, 168],
];

/** A scale for these data: symmetric around 0 where they are signed. */
export function scaleOf(data: ArrayLike<number>): Scale {
  let [least, most] = [0, 0];
  for (let i = 0; i < data.length; ++i) {
    const value = data[i] as number;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least >= 0) return { min: 0, max: most || 1, signed: false };
  const size = Math.max(-least, most);
  return { min: -size, max: size, signed: true };
}

/** The colour of a value; NaN is magenta, which no scale has. */
export function colourOf(value: number, scale: Scale, dark: boolean): Rgb {
  if (Number.isNaN(value)) return [214, 0, 170];
  const share = (value - scale.min) / (scale.max - scale.min);
  const within = Math.max(0, Math.min(1, share));
  if (!scale.signed) {
    const grey = Math.round(255 * within);
    return [grey, grey, grey];
  }
  const stops = dark ? DARK : LIGHT;
  const position = within * (stops.length - 1);
  const below = Math.min(Math.floor(position), stops.length - 2);
  const [a, b] = [stops[below] as Rgb, stops[below + 1] as Rgb];
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (position - below));
  return [mix(0), mix(1), mix(2)];
}

/** Paints `data` [height, width] into a canvas of just as many pixels. */
export function paint(
  canvas: HTMLCanvasElement,
  data: ArrayLike<number>,
  height: number,
  width: number,
  scale: Scale,
  dark: boolean,
): void {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) return;
  const image = context.createImageData(width, height);
  for (let i = 0; i < height * width; ++i) {
    const [r, g, b] = colourOf(data[i] as number, scale, dark);
    image.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
