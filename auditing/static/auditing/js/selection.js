// Chosen rows: ranges by Shift, boxes for the page and for all, how many they are; and the step before a deed.

const ROW = "[name=row][form=selection]";
const step = document.getElementById("step");
const box = document.getElementById("step-box");
const rows = () => [...document.querySelectorAll(ROW)];
const every = () => document.querySelector("[data-chooses=every]");

let last = null;

function tell() {
  const count = document.getElementById("chosen");
  if (!count) return;
  const all = rows();
  const chosen = all.filter((row) => row.checked).length;
  for (const row of all) row.closest("[data-row]").classList.toggle("is-chosen", row.checked);
  for (const page of document.querySelectorAll("[data-chooses=page]")) {
    page.checked = all.length > 0 && chosen === all.length;
    page.indeterminate = chosen > 0 && chosen < all.length;
  }
  const words = every()?.checked ? every().dataset.words : chosen ? `${chosen} selected` : "";
  if (count.textContent !== words) count.textContent = words;
  document.getElementById("selection").toggleAttribute("data-any", Boolean(words));
}

function choose(some, checked) {
  for (const row of some) row.checked = checked;
  if (!checked && every()) every().checked = false;
  tell();
}

document.addEventListener("click", (event) => {
  const row = event.target.closest(ROW);
  if (!row) return;
  const all = rows();
  const [from, to] = [all.indexOf(last), all.indexOf(row)];
  if (event.shiftKey && from >= 0) choose(all.slice(Math.min(from, to), Math.max(from, to) + 1), row.checked);
  last = row;
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-chooses]")) choose(rows(), target.checked);
  else if (target.matches(ROW)) choose([target], target.checked);
});

// A choice is of the rows on the screen: other rows, no choice. (Rows that are replaced one by one keep theirs.)
document.addEventListener("selection:none", () => choose(rows(), false));
document.addEventListener("htmx:afterSettle", tell);
addEventListener("pageshow", tell);
tell();

if (box) {
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== step) return;
    const isAsked = step.childElementCount > 0;
    if (isAsked && !box.open) box.showModal();
    if (!isAsked && box.open) box.close();
    step.querySelector("[autofocus]")?.focus();
  });
  box.addEventListener("click", (event) => {
    if (!event.target.closest("[data-closes]")) return;
    event.preventDefault();
    box.close();
  });
}
