// Rows that change by themselves are replaced where they stand: what was chosen, current or in focus stays so.

const parts = "a, button, input, summary, video, [tabindex]";
let kept = null;

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const row = event.detail.target;
  if (!row.matches("[data-row]")) return;
  kept = {
    id: row.id,
    chosen: row.querySelector("[name=row]")?.checked,
    current: row.getAttribute("aria-current"),
    focus: [...row.querySelectorAll(parts)].indexOf(document.activeElement),
  };
  const fresh = event.detail.fragment.firstElementChild;
  const box = fresh.querySelector("[name=row]");
  if (box) box.checked = kept.chosen;
  if (kept.current) fresh.setAttribute("aria-current", kept.current);
});

document.addEventListener("htmx:oobAfterSwap", (event) => {
  const row = event.target;
  if (kept?.id !== row.id) return;
  if (kept.focus >= 0) row.querySelectorAll(parts)[kept.focus]?.focus({ preventScroll: true });
  kept = null;
});

// An answer to a list that is not there any more changes nothing.
document.addEventListener("htmx:beforeSwap", (event) => {
  const asker = event.detail.requestConfig.elt;
  if (asker.matches("[data-polls]") && !asker.isConnected) event.preventDefault();
});
