// A picture as planes of numbers: one of the person's own, or a sample that the page draws.

export interface Picture {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly bitmap: ImageBitmap;
}

/** @throws whatever the browser throws for a file that is no picture */
export async function readPicture(file: File): Promise<Picture> {
  const bitmap = await createImageBitmap(file);
  return { name: file.name, width: bitmap.width, height: bitmap.height, bitmap };
}

/** The picture scaled to h×w: [1, C, h, w] in [0, 1], red, green, blue or grey. */
export function planesOf(
  picture: Picture | undefined,
  h: number,
  w: number,
  planes: "grey" | "rgb",
): Float32Array {
  const canvas = new OffscreenCanvas(w, h);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2-D canvas");
  if (picture) {
    context.imageSmoothingQuality = "high";
    context.drawImage(picture.bitmap, 0, 0, w, h);
  } else {
    drawSample(context, h, w);
  }
  return toPlanes(context.getImageData(0, 0, w, h).data, h * w, planes);
}

/** RGBA bytes to planes; grey by the weights of Rec. 601. */
export function toPlanes(
  rgba: Uint8ClampedArray,
  area: number,
  planes: "grey" | "rgb",
): Float32Array {
  const data = new Float32Array(planes === "rgb" ? 3 * area : area);
  for (let i = 0; i < area; ++i) {
    const [r, g, b] = [0, 1, 2].map((c) => (rgba[4 * i + c] as number) / 255) as [
      number,
      number,
      number,
    ];
    if (planes === "grey") {
      data[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    } else {
      data[i] = r;
      data[area + i] = g;
      data[2 * area + i] = b;
    }
  }
  return data;
}

/** A landscape with edges in every direction: sun, hills, a house, a fence. */
function drawSample(context: OffscreenCanvasRenderingContext2D, h: number, w: number): void {
  context.save();
  context.scale(w / 100, h / 100);
  const sky = context.createLinearGradient(0, 0, 0, 70);
  sky.addColorStop(0, "#3f7fc4");
  sky.addColorStop(1, "#cfe6f5");
  context.fillStyle = sky;
  context.fillRect(0, 0, 100, 100);
  const shape = (colour: string, trace: () => void) => {
    context.fillStyle = colour;
    context.beginPath();
    trace();
    context.fill();
  };
  shape("#ffd257", () => context.arc(76, 22, 11, 0, 2 * Math.PI));
  shape("#5b8f5a", () => context.ellipse(22, 84, 48, 34, 0, 0, 2 * Math.PI));
  shape("#3d7048", () => context.ellipse(86, 92, 50, 34, 0, 0, 2 * Math.PI));
  shape("#e9ddc8", () => context.rect(30, 50, 30, 26));
  shape("#a8442f", () => {
    context.moveTo(26, 50);
    context.lineTo(45, 33);
    context.lineTo(64, 50);
  });
  shape("#5a3c2a", () => context.rect(41, 62, 8, 14));
  shape("#2f4a63", () => context.rect(33, 55, 6, 6));
  shape("#2f4a63", () => context.rect(51, 55, 6, 6));
  for (let post = 4; post < 100; post += 8) {
    shape("#f4efe6", () => context.rect(post, 82, 2.4, 14));
  }
  shape("#f4efe6", () => context.rect(0, 86, 100, 2));
  context.restore();
}
