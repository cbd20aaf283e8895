// node:test, as much of it as the package's tests use, in a browser.

const root = { name: "", children: [], before: [], after: [], started: null };
let open = root;

export function describe(name, body) {
  const suite = { name, children: [], before: [], after: [], started: null };
  open.children.push(suite);
  const outer = open;
  open = suite;
  suite.started = body();
  open = outer;
}

export const test = (name, body) => open.children.push({ name, body });
export const before = (body) => open.before.push(body);
export const after = (body) => open.after.push(body);

/** Runs all that has been described; gives the number that passed, and what failed as texts. */
export async function run(suite = root, path = [], result = { passed: 0, failures: [] }) {
  await suite.started;
  for (const body of suite.before) await body();
  for (const child of suite.children) {
    const name = [...path, child.name];
    if (child.children) {
      await run(child, name, result);
      continue;
    }
    try {
      await child.body();
      ++result.passed;
    } catch (error) {
      result.failures.push(`${name.join(" > ")}: ${error}`);
    }
  }
  for (const body of suite.after) await body();
  return result;
}
