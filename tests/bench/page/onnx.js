// Just enough of ONNX's protobuf to write a model of one node. The field numbers are those of
// onnx.proto; a message is a list of fields.
const utf8 = new TextEncoder();

function varint(value) {
  const bytes = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

const integer = (field, value) => new Uint8Array([...varint(field << 3), ...varint(value)]);

function bytes(field, content) {
  const head = [...varint((field << 3) | 2), ...varint(content.length)];
  const all = new Uint8Array(head.length + content.length);
  all.set(head);
  all.set(content, head.length);
  return all;
}

const text = (field, value) => bytes(field, utf8.encode(value));

function message(field, ...fields) {
  return bytes(field, join(fields.flat()));
}

function join(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const float = 1; // TensorProto.DataType

/** ValueInfoProto: a float tensor of this name and shape. */
const value = (field, [name, shape]) =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(
        1,
        integer(1, float),
        message(
          2,
          shape.map((extent) => message(1, integer(1, extent))),
        ),
      ),
    ),
  );

/** AttributeProto of an integer or of a list of them. */
const attribute = ([name, given]) =>
  Array.isArray(given)
    ? message(5, text(1, name), ...given.map((item) => integer(8, item)), integer(20, 7))
    : message(5, text(1, name), integer(3, given), integer(20, 2));

/** TensorProto in raw little-endian bytes. */
const initializer = ([name, { shape, data }]) =>
  message(
    5,
    shape.map((extent) => integer(1, extent)),
    integer(2, float),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/**
 * A model of one node.
 * @param {object} node its type, `domain`, `attributes`, and its arguments in order: `inputs` and
 *   `outputs` as name -> shape, `constants` as name -> { shape, data }, behind the inputs
 */
export function model({ type, domain = "", attributes, inputs, constants = {}, outputs }) {
  const names = [...Object.keys(inputs), ...Object.keys(constants)];
  const graph = message(
    7,
    message(
      1,
      names.map((name) => text(1, name)),
      Object.keys(outputs).map((name) => text(2, name)),
      text(4, type),
      Object.entries(attributes).map(attribute),
      text(7, domain),
    ),
    text(2, type),
    Object.entries(constants).map(initializer),
    Object.entries(inputs).map((entry) => value(11, entry)),
    Object.entries(outputs).map((entry) => value(12, entry)),
  );
  const opsets = [message(8, text(1, ""), integer(2, 17))];
  if (domain) opsets.push(message(8, text(1, domain), integer(2, 1)));
  return join([integer(1, 8), graph, ...opsets]);
}
