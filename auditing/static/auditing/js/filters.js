// Values, and then their counts, come for who may be choosing: an open panel that has all its values keeps its
// lines, its choices and the focus, and gets numbers only; another is replaced, in the order of its counts.

function show(fresh) {
  const pick = document.getElementById(fresh.id);
  const panel = pick.querySelector(".pick-panel");
  if (!pick.open || "more" in panel.dataset) {
    const focused = panel.contains(document.activeElement) && document.activeElement;
    panel.replaceWith(fresh.querySelector(".pick-panel"));
    if (focused) (document.getElementById(focused.id) ?? pick.querySelector("summary")).focus();
    return;
  }
  for (const label of fresh.querySelectorAll("label[data-count]")) {
    const value = label.control.value;
    const known = [...pick.querySelectorAll("label.checkline")].find((one) => one.control.value === value);
    if (known) known.dataset.count = label.dataset.count;
  }
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "picks" || event.detail.xhr.status !== 200) return;
  event.detail.shouldSwap = false;
  // What was looked up for a filter that has changed meanwhile would take back what was just chosen.
  const link = document.getElementById("counts");
  const changes = document.getElementById("filters").classList.contains("htmx-request");
  if (event.detail.requestConfig.elt !== link || changes) return;
  const answer = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  answer.querySelectorAll("details.pick").forEach(show);
  // Where the values have come, it asks for their counts.
  const next = answer.getElementById("counts");
  link.replaceWith(next);
  htmx.process(next);
});
