// What the program has to answer, by hand and by the reference.
import assert from "node:assert/strict";

/** Where the engine has relaxed SIMD. */
const simd = { chromium: "relaxed", firefox: "relaxed", webkit: "baseline" };

/** x = 0..8 of 3×3, w = 0..3 of 2×2, dy = w. */
const small = {
  y: [19, 25, 37, 43],
  dx: [0, 0, 1, 0, 4, 6, 4, 12, 9],
  dw: [19, 25, 37, 43],
  db: [6],
};

/** That the program is right: in info.threads too, which the caller knows. */
export function assertRight({ info, exact, failed, ...numbers }, { threads }) {
  assert.equal(failed, undefined);
  assert.deepEqual(numbers, small);
  assert.deepEqual(exact, ["y", "dx", "dw", "db"]);
  assert.equal(info.threads, threads);
}

/** Opens the program's page, and checks what the page and both workers answer. */
export async function assertAnswer(browser, url, isolated) {
  await browser.goto(url);
  const answers = JSON.parse(await browser.until(() => document.documentElement.dataset.answer));
  assert.equal(answers.length, 3);
  for (const answer of answers) {
    assertRight(answer, { threads: isolated ? 2 : 1 });
    assert.equal(answer.info.isolated, isolated);
    assert.equal(answer.info.simd, simd[browser.name]);
  }
}
