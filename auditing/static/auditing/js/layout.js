// The form of the list's columns: opened in place, columns moved by their buttons or by dragging, closed again.

const list = () => document.getElementById("layout-list");

function settle(item) {
  const items = [...list().children];
  for (const one of items) {
    const [up, down] = one.querySelectorAll(".move");
    up.disabled = one === items[0];
    down.disabled = one === items.at(-1);
  }
  const name = item.querySelector("label").textContent;
  const said = `${name}: place ${items.indexOf(item) + 1} of ${items.length}`;
  document.getElementById("layout-said").textContent = said;
}

function move(button) {
  const item = button.closest("li");
  if (button.value.startsWith("up ")) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  settle(item);
  if (!button.disabled) button.focus();
  else item.querySelector(".move:not([disabled])")?.focus();
}

function close() {
  const panel = document.getElementById("layout");
  if (!panel?.firstElementChild) return false;
  panel.replaceChildren();
  document.getElementById("open-layout")?.focus();
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#layout-list .move");
  if (button) {
    event.preventDefault();
    move(button);
  }
  if (event.target.closest("[data-closes=layout]") && close()) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest("#layout")) close();
});

// The list that comes back is the one that is shown now, also when it was filtered since.
document.addEventListener("submit", (event) => {
  const back = event.target.closest("#layout #layout-form")?.elements.back;
  if (back) back.value = location.search.slice(1);
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "layout") return;
  document.getElementById("views-pick")?.removeAttribute("open");
  event.detail.target.querySelector("h2[tabindex]")?.focus();
});

// The sidebar stands outside of what is replaced: which of its views is shown now, the address says.
document.addEventListener("htmx:pushedIntoHistory", () => {
  const shown = new URLSearchParams(location.search);
  for (const key of ["after", "before", "per_page"]) shown.delete(key);
  for (const link of document.querySelectorAll("#pinned a")) {
    const is = new URL(link.href).search.slice(1) === (shown.toString() || "view=all");
    if (is) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
});

let dragged = null;
document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest("#layout-list li");
  if (item) item.draggable = Boolean(event.target.closest(".grip"));
});
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#layout-list li") ?? null;
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = event.target.closest?.("#layout-list li");
  if (!dragged || !over) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  if (over !== dragged) (event.clientY < box.top + box.height / 2 ? over.before(dragged) : over.after(dragged));
});
document.addEventListener("dragend", () => {
  if (dragged) settle(dragged);
  dragged = null;
});
