// The same for the modules with threads, whose memory the glue makes and the workers share.
export { default } from "./glue.js";
