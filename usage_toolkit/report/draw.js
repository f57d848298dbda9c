// Draws the charts of a report. What comes from data becomes text and nothing else.
if (window.trustedTypes) {
  // Vega empties an element by setting its markup to nothing; no other markup is let through.
  window.trustedTypes.createPolicy("default", { createHTML: (text) => (text === "" ? "" : null) });
}

const refuse = () => Promise.reject(new Error("a report asks for nothing"));
const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
document.body.append(tip);
document.addEventListener("scroll", () => { tip.hidden = true; }, true);

function line(name, text) {
  const row = document.createElement("div");
  for (const part of name === null ? [text] : [name, text]) {
    const cell = document.createElement("span");
    cell.textContent = typeof part === "object" ? JSON.stringify(part) : String(part);
    row.append(cell);
  }
  return row;
}

function told(_handler, event, _item, value) {
  tip.hidden = value === null || value === undefined || value === "";
  if (tip.hidden) return;
  const rows = typeof value === "object" ? Object.entries(value) : [[null, value]];
  tip.replaceChildren(...rows.map(([name, text]) => line(name, text)));
  const most = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(4, Math.min(event.pageX + 12, most + window.scrollX))}px`;
  tip.style.top = `${event.pageY + 16}px`;
}

async function draw(figure) {
  const live = document.createElement("div");
  live.className = "live";
  figure.prepend(live);
  let failed = false;
  const { error } = console;
  console.error = () => { failed = true; }; // the one place where Vega says that it can't draw something
  try {
    await vegaEmbed(live, JSON.parse(figure.querySelector("script").textContent), {
      mode: "vega-lite",
      renderer: "svg",
      ast: true,
      actions: false,
      defaultStyle: false,
      tooltip: told,
      loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
      logLevel: 1, // errors
    });
  } catch {
    failed = true;
  }
  console.error = error;
  if (failed) live.remove();
  else figure.querySelector(".still").hidden = true;
  figure.dataset.drawn = failed ? "still" : "live";
}

(async () => {
  for (const figure of document.querySelectorAll("figure.chart")) await draw(figure);
})();
