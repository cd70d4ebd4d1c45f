// Keys: `/` `?` Escape on every page, `j` `k` `x` `o` in a list. What a key does, a link, button or box does too.

const OFF = "clipledger_keys=off";
const YEAR = 365 * 24 * 3600;
const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";

const keys = document.getElementById("keys");
const areOn = () => !document.cookie.split("; ").includes(OFF);
const current = () => document.querySelector('[data-row][aria-current="true"]');
const linkOf = (row) => row?.querySelector("[data-opens-panel]");

function search() {
  const field = document.getElementById("filter-q");
  field?.focus();
  field?.select();
  return Boolean(field);
}

// The row `step` further than the one in focus, else than the current one; else the first.
function move(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return false;
  const here = rows.indexOf(document.activeElement.closest("[data-row]") ?? current());
  const row = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
  row.dispatchEvent(new CustomEvent("row:current", { bubbles: true }));
  return true;
}

function choose() {
  const row = document.activeElement.closest("[data-row]") ?? current();
  row?.querySelector("[name=row]")?.click();
  return Boolean(row);
}

// Enter belongs to what is in focus; only where nothing is, it opens the current row.
function open() {
  const link = linkOf(current());
  if (!link || document.activeElement.closest("a, button, summary, input, [tabindex]:not(main)")) return false;
  link.click();
  return true;
}

function go() {
  const link = linkOf(document.activeElement.closest("[data-row]") ?? current());
  if (link) location.assign(link.href);
  return Boolean(link);
}

function help() {
  keys?.showModal();
  return Boolean(keys);
}

const SINGLE = { "/": search, "?": help, j: () => move(1), k: () => move(-1), x: choose, o: go };

function escape(event) {
  const menu = event.target.closest("details.pick[open], details.person[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return true;
  }
  return !document.dispatchEvent(new CustomEvent("panel:escape", { cancelable: true }));
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  // A dialog that covers the page has keys of its own; the panel beside the list is none.
  if (event.target.closest("dialog:modal:not(.panel)")) return;
  if (event.key === "Escape") {
    if (escape(event)) event.preventDefault();
    return;
  }
  if (event.target.closest(FIELDS)) return;
  const action = event.key === "Enter" ? open : areOn() ? SINGLE[event.key] : undefined;
  if (action?.()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (keys && plain && event.target.closest('[data-opens="keys"]')) {
    event.preventDefault();
    keys.showModal();
  }
});

const setting = document.getElementById("keys-on");
if (setting) {
  setting.checked = areOn();
  setting.addEventListener("change", () => {
    const age = setting.checked ? 0 : YEAR;
    document.cookie = `${OFF}; path=/; max-age=${age}; samesite=lax`;
  });
}
