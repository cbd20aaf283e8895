// Installs the bundlers, where they are not yet, in this folder.
import * as npm from "../../cpp/toolchain/setup/npm.mjs";

const folder = "tests/builds";
if (!npm.complete(folder)) await npm.install(folder);
