// What can't be loaded from its host: a player or a picture gives way to words that are in the page already.

function failed(media) {
  const preview = media.closest(".preview");
  if (!preview) return;
  const said = preview.querySelector("[data-media-failed]");
  if (said) said.hidden = false;
  if (media.matches("img")) media.hidden = true;
}

// Neither event bubbles.
document.addEventListener("error", (event) => {
  if (event.target instanceof HTMLMediaElement || event.target instanceof HTMLImageElement) failed(event.target);
}, true);
document.addEventListener("playing", (event) => {
  const said = event.target.closest?.(".preview")?.querySelector("[data-media-failed]");
  if (said) said.hidden = true;
}, true);

// Pictures may have failed before this module ran.
for (const picture of document.querySelectorAll(".preview img")) {
  if (picture.complete && !picture.naturalWidth) failed(picture);
}
