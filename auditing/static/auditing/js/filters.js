// Counts come for values that somebody may be choosing from: an open panel keeps its lines, its choices and the
// focus, and gets numbers only; a closed one is replaced, in the order of its counts.

function show(fresh) {
  const pick = document.getElementById(fresh.id);
  if (!pick.open) {
    pick.querySelector(".pick-panel").replaceWith(fresh.querySelector(".pick-panel"));
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
  // What was counted for a filter that has changed meanwhile would take back what was just chosen.
  const isCurrent = event.detail.requestConfig.elt === document.getElementById("counts");
  const changes = document.getElementById("filters").classList.contains("htmx-request");
  if (!isCurrent || changes) return;
  const answer = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  answer.querySelectorAll("details.pick").forEach(show);
});
