import { load, type PlainTensor } from "convgrad";

const size = 128;
const contextOf = (id: string): CanvasRenderingContext2D => {
  const context = document.querySelector<HTMLCanvasElement>(id)?.getContext("2d");
  if (!context) throw new Error(`no canvas ${id}`);
  return context;
};

function draw(context: CanvasRenderingContext2D): PlainTensor {
  context.fillStyle = "white";
  context.fillRect(0, 0, size, size);
  context.fillStyle = "#3b6ea8";
  context.arc(52, 52, 36, 0, 2 * Math.PI);
  context.fill();
  context.fillRect(70, 70, 44, 44);
  const { data } = context.getImageData(0, 0, size, size);
  // How dark each pixel is: the white around the picture is then like the zeros of the padding.
  const dark = Float32Array.from({ length: size * size }, (_, i) => 1 - (data[4 * i] ?? 0) / 255);
  return { shape: [1, 1, size, size], data: dark };
}

/** Sobel's two filters, as the two output channels of one convolution. */
const sobel: PlainTensor = {
  shape: [2, 1, 3, 3],
  data: Float32Array.of(-1, 0, 1, -2, 0, 2, -1, 0, 1, -1, -2, -1, 0, 0, 0, 1, 2, 1),
};

const cg = await load();
const { data } = cg.conv2d(draw(contextOf("#picture")), sobel, { padding: "same" });

const image = new ImageData(size, size);
for (let i = 0; i < size * size; i++) {
  const steepness = Math.hypot(data[i] ?? 0, data[size * size + i] ?? 0);
  image.data.set([0, 0, 0, 255 * Math.min(1, steepness / 2)], 4 * i);
}
contextOf("#edges").putImageData(image, 0, 0);

const engine = document.querySelector("#engine");
if (engine) engine.textContent = `${cg.info.simd} SIMD, ${cg.info.threads} thread(s)`;
