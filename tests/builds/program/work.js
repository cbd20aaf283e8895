import { load } from "convgrad";
import { check } from "./check.js";

check(load).then((answer) => postMessage(answer));
