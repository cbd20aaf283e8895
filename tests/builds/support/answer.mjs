// What the program has to answer, by hand and by the reference.
import assert from "node:assert/strict";

/** The places in which the program's page calculates, in the order of its answers. */
const places = ["the page", "a worker of the page's", "the package's worker"];

/** The build that `"auto"` takes: WebKit has no relaxed SIMD. */
export const simdOf = { chromium: "relaxed", firefox: "relaxed", webkit: "baseline" };

/** x = 0..8 of 3×3, w = 0..3 of 2×2, dy = w. */
const small = {
  y: [19, 25, 37, 43],
  dx: [0, 0, 1, 0, 4, 6, 4, 12, 9],
  dw: [19, 25, 37, 43],
  db: [6],
};

/** That the program is right: in info.threads too, which the caller knows. */
export function assertRight({ info, exact, failed, ...numbers }, { threads }, where) {
  assert.equal(failed, undefined, where);
  assert.deepEqual(numbers, small, where);
  assert.deepEqual(exact, ["y", "dx", "dw", "db"], where);
  assert.equal(info.threads, threads, `threads ${where}`);
}

/**
 * What the page leaves in the document. While WebDriver or developer tools watch, Firefox now and then
 * never returns from the constructor of a worker inside of a worker, as the program's own worker with its
 * thread is: then the page is opened once more.
 */
async function answersOf(browser, url) {
  const read = () => document.documentElement.dataset.answer;
  await browser.goto(url);
  try {
    return await browser.until(read);
  } catch (error) {
    if (browser.name !== "firefox") throw error;
    await browser.goto(url);
    return browser.until(read);
  }
}

/**
 * Opens the program's page, and checks what it answers.
 * @param {{ isolated: boolean, answers: number, simd?: string }} expected
 */
export async function assertAnswers(browser, url, expected) {
  const answers = JSON.parse(await answersOf(browser, url));
  assert.equal(answers.length, expected.answers);
  for (const [i, answer] of answers.entries()) {
    const where = `in ${browser.name}, ${places[i]}`;
    assertRight(answer, { threads: expected.isolated ? 2 : 1 }, where);
    assert.equal(answer.info.isolated, expected.isolated, where);
    assert.equal(answer.info.simd, expected.simd ?? simdOf[browser.name], where);
  }
}
