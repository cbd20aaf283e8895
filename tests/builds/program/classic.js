// A whole program as one script, the module inside of it: for pages that are opened from a disk.
import { load } from "convgrad";
import module from "convgrad/convgrad-baseline.wasm";
import { check } from "./check.js";

check(load, { wasmBinary: module }).then((answer) => {
  document.documentElement.dataset.answer = JSON.stringify([answer]);
});
