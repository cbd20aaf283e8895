// Results that others have published, on every algorithm. The cases lie beside the repository, in
// ../shared/conformance; without that folder this file has nothing to run and says so.
//
// Each case is compared twice: with its published values at the tolerance that its source states, and
// with the double-precision reference at ours. Nothing is left out: what a case expects and we rightly
// answer otherwise is written down in `exceptions`, and the number of cases is checked file by file.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { algorithms, assertClose, countOf, generator, load, reals } from "./support/data.mjs";
import * as reference from "./support/reference.mjs";
import { windowFor } from "./support/shapes.mjs";

const folder = new URL("../../../shared/conformance/", import.meta.url);

function read(name) {
  const raw = readFileSync(new URL(name, folder));
  return JSON.parse((name.endsWith(".gz") ? gunzipSync(raw) : raw).toString());
}

/** A published tensor: numbers with null for NaN, or little-endian bytes in base64. */
function tensor({ shape, data, data_b64_le: bytes }) {
  if (bytes === undefined) {
    return { shape, data: Float32Array.from(data, (value) => value ?? NaN) };
  }
  const raw = Buffer.from(bytes, "base64");
  const floats = Float32Array.from({ length: countOf(shape) }, (_, i) => raw.readFloatLE(4 * i));
  assert.equal(raw.length, 4 * floats.length);
  return { shape, data: floats };
}

function assertPublished(actual, expected, { rtol = 0, atol }, what) {
  assert.deepEqual(actual.shape, expected.shape, what);
  expected.data.forEach((value, i) => {
    const is = actual.data[i];
    const near = Math.abs(is - value) <= atol + rtol * Math.abs(value) || Object.is(is, value);
    assert.ok(near, `${what}: element ${i} is ${is}, published ${value}`);
  });
}

const runs = new Map();

/** One test for a case; its body runs for every algorithm and must compare something each time. */
function check(file, name, body) {
  test(name, () => {
    for (const algorithm of algorithms) {
      assert.ok(body(algorithm) > 0, `${name}: nothing was compared`);
    }
    runs.set(file, (runs.get(file) ?? 0) + 1);
  });
}

/** make(), once for each key: the reference is slow, and the same for every algorithm. */
const memory = new Map();
function once(key, make) {
  if (!memory.has(key)) memory.set(key, make());
  return memory.get(key);
}

/** The published results of one convolution case: y, dx, dw, as many as there are. */
function compareConv(cg, { x, w, bias, dy, window, groups, expected, tolerance }, algorithm) {
  const { stride, pads: padding, dilation } = window;
  const o = { stride, padding, dilation, groups, algorithm };
  let compared = 0;
  const compare = (actual, own, key) => {
    assertPublished(actual, expected[key], tolerance, `${algorithm} ${key}`);
    assertClose(actual, own, `${algorithm} ${key}`);
    ++compared;
  };
  if (expected.y) {
    const y = cg.conv2d(x, w, bias ? { ...o, bias } : o);
    compare(
      y,
      once(expected.y, () => reference.conv2d(x, w, bias, window, groups)),
      "y",
    );
  }
  const need = { dx: Boolean(expected.dx), dw: Boolean(expected.dw), db: false };
  if (need.dx || need.dw) {
    const actual = cg.conv2dBackward(dy, x, w, { ...o, need });
    const own = once(dy, () => reference.conv2dBackward(dy, x, w, window, groups));
    if (need.dx) compare(actual.dx, own.dx, "dx");
    if (need.dw) compare(actual.dw, own.dw, "dw");
  }
  return compared;
}

/** The published results of one pooling case: y, indices, dx, as many as there are. */
function comparePool(cg, { max, x, dy, window, modes, expected, tolerance }, algorithm) {
  const { kernel, stride, pads: padding, dilation } = window;
  const { ceilMode = false, countIncludePad = false } = modes;
  const o = { kernel, stride, padding, dilation, ceilMode, algorithm };
  const oMean = { ...o, countIncludePad };
  let compared = 0;
  const compare = (actual, own, key, exact) => {
    assertPublished(actual, expected[key], tolerance, `${algorithm} ${key}`);
    assertClose(actual, own, `${algorithm} ${key}`, { exact });
    ++compared;
  };
  if (max) {
    const { y, indices } = cg.maxPool2d(x, o);
    const own = once(expected, () => reference.maxPool2d(x, window, ceilMode));
    assert.deepEqual([...indices.data], [...own.indices.data], algorithm);
    if (expected.y) compare(y, own.y, "y", true);
    if (expected.indices) {
      assert.deepEqual([...indices.data], expected.indices, `${algorithm} indices`);
      ++compared;
    }
    if (expected.dx) {
      const dx = cg.maxPool2dBackward(dy, indices, x.shape, o);
      compare(dx, reference.maxPool2dBackward(dy, own.indices, x.shape), "dx");
    }
    return compared;
  }
  if (expected.y) {
    compare(cg.avgPool2d(x, oMean), reference.avgPool2d(x, window, modes), "y");
  }
  if (expected.dx) {
    const dx = cg.avgPool2dBackward(dy, x.shape, oMean);
    compare(dx, reference.avgPool2dBackward(dy, x.shape, window, modes), "dx");
  }
  return compared;
}

function onnxIndices({ shape, data }, notes, [, , h, w]) {
  const columnMajor = notes.some((note) => note.startsWith("Indices are column-major"));
  assert.ok(columnMajor || notes.some((note) => note.startsWith("Indices are row-major flat")));
  assert.equal(countOf(shape), data.length);
  // Theirs count through the whole tensor; ours through the plane, row by row.
  return data.map((index) => {
    const within = index % (h * w);
    return columnMajor ? (within % h) * w + Math.floor(within / h) : within;
  });
}

function onnxFile(cg, file) {
  for (const published of read(file).cases) {
    const { name, op, resolved, notes, inputs, input_names: names } = published;
    const given = Object.fromEntries(names.map((key, i) => [key, tensor(inputs[i])]));
    const outputs = published.output_names.map((key, i) => [key, published.outputs[i]]);
    const out = Object.fromEntries(outputs);
    const expected = { y: tensor(out.y) };
    if (out.indices) expected.indices = onnxIndices(out.indices, notes, inputs[0].shape);
    const window = reference.windowOf(resolved.kernel, {
      stride: resolved.strides,
      pads: resolved.pads,
      dilation: resolved.dilations,
    });
    const modes = { ceilMode: resolved.ceil_mode, countIncludePad: resolved.count_include_pad };
    const common = { x: given.x, window, expected, tolerance: published.onnx_tolerance };
    check(file, name, (algorithm) =>
      op === "Conv"
        ? compareConv(
            cg,
            { ...common, w: given.w, bias: given.b, groups: resolved.group },
            algorithm,
          )
        : comparePool(cg, { ...common, max: op.endsWith("MaxPool"), modes }, algorithm),
    );
  }
}

/** ConvTranspose is dx of the convolution whose input has the published output's shape. */
function onnxTransposeFile(cg, file) {
  for (const { name, resolved, inputs, outputs, onnx_tolerance: tolerance } of read(file).cases) {
    const [dy, w] = inputs.map(tensor);
    const dx = tensor(outputs[0]);
    const window = reference.windowOf(resolved.kernel, {
      stride: resolved.strides,
      pads: resolved.pads,
      dilation: resolved.dilations,
    });
    const x = { shape: dx.shape, data: new Float32Array(dx.data.length) };
    const { group: groups } = resolved;
    check(file, name, (algorithm) =>
      compareConv(cg, { x, w, dy, window, groups, expected: { dx }, tolerance }, algorithm),
    );
  }
}

// What a source publishes and we answer otherwise, with what is right instead.
const exceptions = {
  // tfjs ignores NaN in a maximum; here, as in TensorFlow and PyTorch, it propagates.
  "maxPool > [x=[3,3,1] f=[2,2] s=1 ignores NaNs": ({ expected }) => {
    assert.deepEqual([...expected.y.data], [5, 6, 7, 9]);
    expected.y.data.set([NaN, NaN], 2);
  },
  // tfjs's mean leaves the padding out going forward, and counts it going backward: the published
  // gradient belongs to the other mean.
  "avgPool > gradient x=[3,3,1] f=[3,3] s=1 p=explicit": ({ modes }) => {
    modes.countIncludePad = true;
  },
};
const excepted = new Set();

// Shapes of which an extent but N is 0, or whose output would be empty: refused here.
const refusedShapes = {
  "Conv2DTest.testConv2dOnlyPaddingReturnsZeros@1234": "bad-argument",
  "Conv2DTest.testConv2DBackpropInputDegenerateBackpropInput@1621": "empty-output",
  "Conv2DTest.testConv2DEmptyBackpropFilter@1729": "bad-argument",
  "Conv2DTest.testConv2DEmptyBackpropFilterDilation1x2@1939": "bad-argument",
  "PoolingTest.testAvgPoolEmpty@390": "bad-argument",
};
const refused = new Set();

// Published output extents that leave the dilation out of account; their source does not use them.
const misstatedOutputs = new Set([
  "Conv2DTest.testConv2D2x2Depth1ValidBackpropFilterDilation1x2@1924",
  "Conv2DTest.testConv2D2x2Depth1ValidBackpropInputDilation1x2@1999",
  "Conv2DTest.testConv2DEmptyBackpropInputDilation1x2@2014",
  "Conv2DTest.testConv2D2x2Depth3ValidBackpropInputDilation2x1@2031",
]);

function tensorFlowFile(cg, file, defaultTolerance) {
  for (const published of read(file).cases) {
    const { name, op, attributes } = published;
    const tensors = (group) =>
      Object.fromEntries(Object.entries(group).map(([key, value]) => [key, tensor(value)]));
    const { x, w, dy } = tensors(published.inputs);
    const kernel = attributes.kernel;
    const window = reference.windowOf(kernel, {
      stride: attributes.strides,
      pads: attributes.pads,
      dilation: attributes.dilations,
    });
    const { groups } = attributes;
    const spec = {
      ...{ x, w, dy, window, groups, modes: {}, expected: tensors(published.expected) },
      tolerance: { atol: published.tol ?? defaultTolerance },
    };
    // A gradient alone is published without the operand it does not read: any of that shape will do.
    const zeros = (shape) => ({ shape, data: new Float32Array(countOf(shape)) });
    spec.x ??= zeros(attributes.x_shape_nchw);
    if (op.startsWith("conv2d")) {
      spec.w ??= zeros([dy.shape[1], spec.x.shape[1] / groups, ...kernel]);
    }
    if (exceptions[name]) {
      exceptions[name](spec);
      excepted.add(name);
    }
    if (refusedShapes[name]) {
      check(file, name, (algorithm) => {
        const o = { padding: attributes.pads, algorithm };
        assert.throws(() => cg.conv2d(x, w, o), { code: refusedShapes[name] });
        refused.add(name);
        return 1;
      });
      continue;
    }
    const max = op.startsWith("maxpool");
    assert.ok(max || op === "avgpool" || op.startsWith("conv2d"), op);
    check(file, name, (algorithm) =>
      op.startsWith("conv2d")
        ? compareConv(cg, spec, algorithm)
        : comparePool(cg, { ...spec, max }, algorithm),
    );
  }
}

const nchw = ([n, h, w, c]) => [n, c, h, w];
const oihw = ([h, w, i, o]) => [o, i, h, w];

/** "SAME", "VALID", or [before, after] of each axis: of the two spatial ones, or of all four. */
function paddingOf(padding) {
  if (typeof padding === "string") return padding.toLowerCase();
  const [[top, bottom], [left, right]] = padding.length === 4 ? padding.slice(1, 3) : padding;
  return [top, left, bottom, right];
}

/** Forward and backward on seeded data of the published shape, against the reference. */
function convShape(cg, seed, { name, xShape, wShape, yShape, options }) {
  const next = generator(seed);
  const { groups = 1 } = options;
  const [x, w, bias] = [reals(xShape, next), reals(wShape, next), reals([wShape[0]], next)];
  if (refusedShapes[name]) {
    return (algorithm) => {
      const refusal = { code: refusedShapes[name] };
      assert.throws(() => cg.conv2d(x, w, { ...options, algorithm }), refusal);
      refused.add(name);
      return 1;
    };
  }
  const window = windowFor(xShape, wShape.slice(2), options);
  const y = reference.conv2d(x, w, bias, window, groups);
  if (yShape) assert.equal(String(y.shape) === String(yShape), !misstatedOutputs.has(name), name);
  const dy = reals(y.shape, next);
  const gradients = reference.conv2dBackward(dy, x, w, window, groups);
  return (algorithm) => {
    const o = { ...options, algorithm, bias };
    assertClose(cg.conv2d(x, w, o), y, `${algorithm} y`);
    const actual = cg.conv2dBackward(dy, x, w, o);
    for (const key of ["dx", "dw", "db"]) {
      assertClose(actual[key], gradients[key], `${algorithm} ${key}`);
    }
    return 4;
  };
}

function poolShape(cg, seed, { xShape, yShape, options }) {
  const next = generator(seed);
  const x = reals(xShape, next);
  const window = windowFor(xShape, options.kernel, options);
  const mean = reference.avgPool2d(x, window);
  assert.deepEqual(mean.shape, yShape);
  const max = reference.maxPool2d(x, window);
  const dy = reals(yShape, next);
  const dxMax = reference.maxPool2dBackward(dy, max.indices, xShape);
  const dxMean = reference.avgPool2dBackward(dy, xShape, window);
  return (algorithm) => {
    const o = { ...options, algorithm };
    const { y, indices } = cg.maxPool2d(x, o);
    assertClose(y, max.y, `${algorithm} maximum`, { exact: true });
    assert.deepEqual([...indices.data], [...max.indices.data], algorithm);
    assertClose(cg.maxPool2dBackward(dy, indices, xShape, o), dxMax, `${algorithm} maximum, dx`);
    assertClose(cg.avgPool2d(x, o), mean, `${algorithm} mean`);
    assertClose(cg.avgPool2dBackward(dy, xShape, o), dxMean, `${algorithm} mean, dx`);
    return 4;
  };
}

function tensorFlowShapes(cg, file) {
  for (const [seed, shape] of read(file).shapes.entries()) {
    const { name, kind } = shape;
    const stride = shape.strides ?? [1, 1];
    let body;
    if (kind === "pool gradient check") {
      body = poolShape(cg, seed, {
        xShape: nchw(shape.input_sizes),
        yShape: nchw(shape.output_sizes),
        options: {
          kernel: [shape.window_rows, shape.window_cols],
          stride: [shape.row_stride, shape.col_stride],
          padding: paddingOf(shape.padding),
        },
      });
    } else if (kind === "empty pool") {
      // The window is not published with these shapes; 3x3 by 2 leads to the outputs that are.
      const valid = { kernel: [3, 3], stride: [1, 1] };
      const halved = { kernel: [3, 3], stride: [2, 2], padding: "same" };
      const spec = { xShape: nchw(shape.x), yShape: nchw(shape.y) };
      body = refusedShapes[name]
        ? (algorithm) => {
            const x = { shape: spec.xShape, data: new Float32Array(0) };
            const refusal = { code: refusedShapes[name] };
            assert.throws(() => cg.avgPool2d(x, { ...valid, algorithm }), refusal);
            assert.throws(() => cg.maxPool2d(x, { ...valid, algorithm }), refusal);
            refused.add(name);
            return 2;
          }
        : poolShape(cg, seed, { ...spec, options: halved });
    } else if (kind === "empty") {
      body = convShape(cg, seed, {
        ...{ name, xShape: nchw(shape.x), wShape: oihw(shape.w), yShape: nchw(shape.y) },
        options: {},
      });
    } else if (kind === "ConstructAndTestGradient") {
      const { batch, input_rows: h, input_cols: w, in_depth: c, out_depth: k } = shape;
      // The name alone tells that the input's channels come in two groups.
      const groups = name.includes("GroupConv") ? 2 : 1;
      body = convShape(cg, seed, {
        name,
        xShape: [batch, c, h, w],
        wShape: [k, c / groups, shape.filter_rows, shape.filter_cols],
        options: {
          groups,
          stride: [shape.stride_rows, shape.stride_cols],
          padding: paddingOf(shape.padding),
        },
      });
    } else {
      assert.match(kind, /^_(Run)?(And)?Verify/i);
      body = convShape(cg, seed, {
        name,
        xShape: nchw(shape.tensor_in_sizes ?? shape.input_sizes),
        wShape: oihw(shape.filter_in_sizes ?? shape.filter_sizes),
        yShape: shape.output_sizes && nchw(shape.output_sizes),
        options: {
          stride,
          padding: paddingOf(shape.padding),
          dilation: shape.dilations ?? [1, 1],
        },
      });
    }
    check(file, name, body);
  }
}

const files = [
  { file: "onnx_cases.json", cases: 66, define: onnxFile },
  { file: "onnx_cases_large.json.gz", cases: 3, define: onnxFile },
  { file: "onnx_convtranspose_as_bwd_data.json", cases: 13, define: onnxTransposeFile },
  { file: "tfjs_grad_cases.json", cases: 44, define: (...of) => tensorFlowFile(...of, 1e-3) },
  { file: "tfjs_forward_cases.json", cases: 67, define: (...of) => tensorFlowFile(...of, 1e-3) },
  { file: "tf_cases.json", cases: 60, define: (...of) => tensorFlowFile(...of, 1e-5) },
  { file: "tf_shapes.json", cases: 108, define: tensorFlowShapes },
];

if (existsSync(folder)) {
  const cg = await load();
  for (const { file, define } of files) describe(file, () => define(cg, file));
  test("every published case has run, or been refused as the contract says", (t) => {
    for (const { file, cases } of files) {
      t.diagnostic(
        `${file}: ${runs.get(file)} of ${cases} cases, by ${algorithms.length} algorithms`,
      );
      assert.equal(runs.get(file), cases, file);
    }
    assert.deepEqual([...excepted].sort(), Object.keys(exceptions).sort());
    assert.deepEqual([...refused].sort(), Object.keys(refusedShapes).sort());
  });
} else {
  console.log("The published cases are left out: there is no ../shared/conformance.");
}
