// Leaves in the document what the laboratory says of its digits, once the lesson is drawn, which their worker
// calculates, and the laboratory can run.
import "convgrad/element";

const find = (name, what) =>
  document.querySelector(`convgrad-${name}`).shadowRoot?.querySelector(what);

const waiting = setInterval(() => {
  const digits = find("lab", "canvas.strip");
  if (!digits || !find("lab", ".run:enabled") || !find("lesson", "[data-ready=true]")) return;
  clearInterval(waiting);
  document.documentElement.dataset.answer = digits.getAttribute("aria-label");
}, 20);
