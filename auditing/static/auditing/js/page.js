// What every page does beside what its links and forms do: copy, say errors, rest, close menus.

const banner = document.getElementById("banner");

function say(text) {
  if (!banner) return;
  banner.lastElementChild.textContent = text;
  banner.hidden = false;
}

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 403 || status === 404) say(`The server refused this (${status}). Reload the page to see why.`);
  else if (status === 429) say("Too many requests. Wait a moment, then try again.");
  else say(`The server could not answer (${status}). What you see is what was there before; try again.`);
});
document.addEventListener("htmx:sendError", () => {
  say("The server can’t be reached. What you see is what was there before; check the connection and try again.");
});
document.addEventListener("htmx:timeout", () => {
  say("The server took too long. What you see is what was there before; try again.");
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && banner) banner.hidden = true;
});

// Nobody looks at a hidden tab: what polls rests until it is seen again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.matches("[data-polls]")) event.preventDefault();
});

// What a person opened stays open when the part around it is replaced.
let opened = [];
document.addEventListener("htmx:beforeSwap", () => {
  opened = [...document.querySelectorAll("details[id][open]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

// Where rows are shown as cards, some browsers no longer take them for a table: say that they are one.
const PARTS = { table: "table", "thead, tbody": "rowgroup", tr: "row", "th[scope=col]": "columnheader", td: "cell" };
function nameParts(within) {
  for (const table of document.querySelectorAll("table.cards")) {
    if (!within.contains(table) && !table.contains(within)) continue;
    for (const [part, role] of Object.entries(PARTS)) {
      for (const element of [table, ...table.querySelectorAll(part)]) if (element.matches(part)) element.setAttribute("role", role);
    }
  }
}
nameParts(document);
document.addEventListener("htmx:load", (event) => nameParts(event.target));

async function copy(button) {
  try {
    const from = document.getElementById(button.dataset.copyFrom);
    await navigator.clipboard.writeText(from ? from.textContent : button.dataset.copy);
  } catch {
    say("The browser did not allow copying. Select the text and copy it by hand.");
    return;
  }
  button.dataset.copied = "";
  setTimeout(() => delete button.dataset.copied, 1500);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (button) copy(button);
  for (const open of document.querySelectorAll("details.pick[open], details.person[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
