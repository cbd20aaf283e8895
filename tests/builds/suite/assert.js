// node:assert/strict, as much of it as the package's tests use, in a browser.

const show = (value) => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
};

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

function fail(message = "failed") {
  throw new Error(message);
}

function ok(value, message = `${show(value)} is not true`) {
  if (!value) fail(message);
}

const equal = (is, should, message = "") =>
  ok(Object.is(is, should), `${message} ${show(is)} is not ${show(should)}`);

const deepEqual = (is, should, message = "") =>
  ok(same(is, should), `${message} ${show(is)} is not ${show(should)}`);

const match = (text, pattern, message = `${show(text)} does not match ${pattern}`) =>
  ok(pattern.test(text), message);

/** @param check (error) => true, or the properties that the error has to have */
function throws(call, check) {
  let error;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  ok(error !== undefined, "nothing was thrown");
  if (typeof check === "function") ok(check(error) === true, "the check does not answer true");
  else if (check) for (const [key, value] of Object.entries(check)) equal(error[key], value, key);
}

export default { deepEqual, equal, fail, match, ok, throws };
