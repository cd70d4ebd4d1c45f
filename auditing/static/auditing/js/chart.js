// Draws the overview's generations by day from the numbers in the page, in the page's own colours, as soon as
// the chart is about to be seen: its library is larger than all other files of the page together.

const looks = { completed: "is-completed", failed: "is-failed", under_way: "is-processing", unknown: "is-unknown" };
const canvas = document.getElementById("days-chart");
const data = JSON.parse(document.getElementById("days-data").textContent);

function colourOf(className) {
  const probe = document.createElement("span");
  probe.className = className;
  probe.hidden = true;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

function draw() {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const [muted, line] = [colourOf("muted"), colourOf("chart-line")];
  const axis = ({ grid, ticks, ...more }) => ({ stacked: true, grid: { color: line, ...grid }, border: { color: line }, ticks: { color: muted, ...ticks }, ...more });
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  return new Chart(canvas, {
    type: "bar",
    data: {
      labels: data.labels.map((day) => new Date(`${day}T12:00:00Z`).toLocaleDateString("en", { day: "numeric", month: "short", timeZone: "UTC" })),
      datasets: data.series
        .filter((series) => series.key !== "unknown" || series.values.some(Boolean))
        .map((series) => ({ backgroundColor: colourOf(looks[series.key]), label: series.label, data: series.values, maxBarThickness: 22, borderRadius: 2 })),
    },
    options: {
      animation: still ? false : { duration: 250 },
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      onClick: (event, elements) => { if (elements.length) location.assign(data.addresses[elements[0].index]); },
      scales: {
        x: axis({ grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 16 } }),
        y: axis({ beginAtZero: true, ticks: { precision: 0, maxTicksLimit: 6 } }),
      },
      plugins: { legend: { position: "bottom", labels: { color: muted, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 2 } } },
    },
  });
}

function begin() {
  let chart = draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    chart.destroy();
    chart = draw();
  });
}

const watch = new IntersectionObserver((entries) => {
  if (!entries.some((entry) => entry.isIntersecting)) return;
  watch.disconnect();
  import(canvas.dataset.library).then(begin);
}, { rootMargin: "100px" });
watch.observe(canvas);
