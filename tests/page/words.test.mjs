// Both languages say the same things, with the same values in them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pageModule } from "./modules.mjs";

const { zh } = await pageModule("i18n/zh.ts");
const { en } = await pageModule("i18n/en.ts");

const flatten = (tree, path = "") =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value]] : flatten(value, `${path}${key}.`),
  );
const values = (text) =>
  [...new Set(Array.from(text.matchAll(/\{\{(\w+)\}\}/g), ([, name]) => name))].sort();

test("the same keys, no empty words, the same values", () => {
  const [chinese, english] = [flatten(zh), new Map(flatten(en))];
  assert.deepEqual(chinese.map(([key]) => key).sort(), [...english.keys()].sort());
  for (const [key, text] of chinese) {
    assert.notEqual(text.trim(), "", key);
    assert.notEqual(english.get(key).trim(), "", key);
    assert.deepEqual(values(text), values(english.get(key)), key);
  }
});

test("English has no Chinese in it", () => {
  for (const [key, text] of flatten(en)) assert.doesNotMatch(text, /\p{Script=Han}/u, key);
});
