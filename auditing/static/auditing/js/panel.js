// The panel beside the list: a row's link fills it by HTMX; it opens, follows the current row, and closes.

const frame = document.getElementById("panel-frame");
const content = document.getElementById("panel");
const pageLink = document.getElementById("panel-page");
const said = document.getElementById("panel-said");
const USABLE = "a, button, input, label, select, summary, video, .cell-select";
const NARROW = matchMedia("(max-width: 50rem)");

const linkOf = (row) => row?.querySelector("[data-opens-panel]");
const current = () => document.querySelector('[data-row][aria-current="true"]');

function mark(row) {
  current()?.removeAttribute("aria-current");
  row.setAttribute("aria-current", "true");
}

function show(row) {
  const link = linkOf(row);
  if (!frame || !link) return;
  mark(row);
  pageLink.setAttribute("href", link.getAttribute("href"));
  if (!frame.open) {
    content.replaceChildren();
    // Where it covers the list, what it covers can't be reached.
    if (NARROW.matches) frame.showModal();
    else frame.show();
    content.focus();
  }
  content.setAttribute("aria-busy", "true");
  htmx.ajax("GET", link.getAttribute("href"), { source: link, target: content });
}

// The browser itself would give the focus back to the row that the panel was opened from.
function close() {
  const [row, had] = [current(), frame.contains(document.activeElement)];
  frame.close();
  if (had) linkOf(row)?.focus();
}

// Its link, or a place in the row that has nothing to do of its own and of which no text was selected.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  const link = event.target.closest("[data-opens-panel]");
  if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!link && (event.target.closest(USABLE) || !getSelection().isCollapsed)) return;
  event.preventDefault();
  show(row);
});

document.addEventListener("row:current", (event) => {
  const row = event.target;
  if (frame?.open) show(row);
  else {
    mark(row);
    linkOf(row)?.focus({ preventScroll: true });
  }
  row.scrollIntoView({ block: "nearest" });
});

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row && !frame?.open) mark(row);
});

document.addEventListener("panel:escape", (event) => {
  if (!frame?.open) return;
  event.preventDefault();
  close();
});

if (frame) {
  document.getElementById("panel-close").addEventListener("click", close);
  for (const button of frame.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      const rows = [...document.querySelectorAll("[data-row]")];
      const row = rows[rows.indexOf(current()) + Number(button.dataset.step)];
      row?.dispatchEvent(new CustomEvent("row:current", { bubbles: true }));
    });
  }
  // The browser's own Escape, where it covers the page.
  frame.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  content.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== content) return;
    content.removeAttribute("aria-busy");
    content.scrollTop = 0;
    said.textContent = content.querySelector("h2")?.textContent ?? "";
  });
  // Other rows, another list: the record that was open may be none of them.
  let before = "";
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target.matches("#results, #browse")) before = current()?.id;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.target.matches("#results, #browse")) return;
    const row = before && document.getElementById(before);
    if (row) mark(row);
    else if (frame.open) close();
  });
}
