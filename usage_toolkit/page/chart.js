// Stacked bars, drawn as few shapes: one path a series, and a place to point at for each bar.

const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 18;
const TOP = 12;
const BOTTOM = 28;

// Round numbers that an axis can have between two values.
function ticks(low, high) {
  const rough = (high - low || 1) / 5;
  const ten = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * ten).find((width) => width >= rough);
  const found = [];
  for (let at = Math.floor(low / step); at * step < high + step * 0.999; at += 1) found.push(at * step);
  return found;
}

function axisText(number) {
  const { letters, decimal, minus } = PAGE.numbers;
  const large = [[1e15, "P"], [1e12, "T"], [1e9, letters.G], [1e6, letters.M], [1e3, letters.k]];
  const [by, letter] = large.find(([from]) => Math.abs(number) >= from) ?? [1, ""];
  const text = String(Number((Math.abs(number) / by).toPrecision(4)));
  return (number < 0 ? minus : "") + text.replace(".", decimal) + letter;
}

let paper = 0; // how wide a drawing is where it is printed

// Draws bars into a box. Each has a name, a short one, its parts from the bottom up, and what is said of it.
function drawChart(box, { bars: shown, series: kinds, empty, description, open, scale }) {
  const width = paper || Math.max(300, box.clientWidth || 960);
  const made = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "group", "aria-label": description });
  const base = HEIGHT - BOTTOM;
  const heights = shown.map((bar) => bar.parts.reduce(([up, down], part) => {
    const tall = near(part.value, scale);
    return tall < 0 ? [up, down + tall] : [up + tall, down];
  }, [0, 0]));
  const marks = ticks(Math.min(0, ...heights.map(([, down]) => down)), Math.max(0, ...heights.map(([up]) => up)));
  const [low, high] = [marks[0], marks[marks.length - 1]];
  const y = (number) => base - ((number - low) / (high - low || 1)) * (base - TOP);
  const room = (width - LEFT - RIGHT) / Math.max(1, shown.length);
  const wide = Math.min(72, room * (shown.length > 200 ? 1 : 0.85));
  const x = (at) => LEFT + room * at + (room - wide) / 2;
  if (empty) {
    made.setAttribute("viewBox", `0 0 ${width} ${HEIGHT / 3}`);
    made.append(svg("text", { x: width / 2, y: HEIGHT / 6, class: "empty", "text-anchor": "middle" }, empty));
    box.replaceChildren(made);
    return;
  }
  for (const mark of marks) {
    made.append(svg("path", { class: mark === 0 ? "zero" : "rule", d: `M${LEFT} ${y(mark)}H${width - RIGHT}` }));
    made.append(svg("text", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, axisText(mark)));
  }
  made.append(...kinds.map((kind, at) => svg("path", { fill: kind.colour, class: "bar", d: pathOf(shown, at, { x, y, wide, scale }) })));
  labels(made, shown, { x, wide, width });
  const places = shown.map((bar, at) => svg("rect", {
    x: LEFT + room * at, y: TOP, width: room, height: base - TOP, class: "place",
    tabindex: "-1", role: open ? "button" : "img", "data-at": at, "data-name": bar.key, "aria-label": bar.said,
  }));
  if (places.length) places[0].setAttribute("tabindex", "0");
  made.append(...places);
  listen(made, shown, places, open);
  box.replaceChildren(made);
}

function pathOf(shown, at, { x, y, wide, scale }) {
  const pieces = [];
  shown.forEach((bar, place) => {
    let [up, down] = [0, 0];
    for (const part of bar.parts) {
      const tall = near(part.value, scale);
      const from = tall < 0 ? down : up;
      if (tall < 0) down += tall;
      else up += tall;
      if (part.series === at && tall) {
        const [a, b] = [y(Math.max(from, from + tall)), y(Math.min(from, from + tall))];
        pieces.push(`M${x(place).toFixed(2)} ${a.toFixed(2)}h${wide.toFixed(2)}V${b.toFixed(2)}h-${wide.toFixed(2)}z`);
      }
    }
  });
  return pieces.join("");
}

// As many names below the bars as there is room for, at even steps; hours of many days have each day's first alone.
function labels(made, shown, { x, wide, width }) {
  const named = shown.map((bar, at) => [bar.short, at]).filter(([text, at]) => at === 0 || shown[at - 1].short !== text);
  const longest = Math.max(1, ...named.map(([text]) => text.length)) * 6.6 + 12;
  const every = Math.max(1, Math.ceil((named.length * longest) / (width - LEFT)));
  named.forEach(([text, at], place) => {
    if (place % every) return;
    made.append(svg("text", { x: x(at) + wide / 2, y: HEIGHT - 8, "text-anchor": "middle" }, text));
  });
}

// A click or Enter opens a bar, arrows go from one to the next, and what it is made of is told beside it.
function listen(made, shown, places, open) {
  const at = (event) => Number(event.target.dataset?.at ?? -1);
  const go = (from, to) => {
    if (!places[to]) return;
    places[from].setAttribute("tabindex", "-1");
    places[to].setAttribute("tabindex", "0");
    places[to].focus();
  };
  made.addEventListener("click", (event) => at(event) >= 0 && open && open(at(event)));
  made.addEventListener("keydown", (event) => {
    const here = at(event);
    if (here < 0) return;
    const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: places.length - 1 };
    if (event.key in steps) go(here, steps[event.key]);
    else if (event.key !== "Enter" && event.key !== " ") return;
    else if (open) open(here);
    event.preventDefault();
  });
  const tell = (event) => at(event) >= 0 && showTip(shown[at(event)], event.target);
  made.addEventListener("pointerover", tell);
  made.addEventListener("focusin", tell);
  made.addEventListener("pointerleave", hideTip);
  made.addEventListener("focusout", hideTip);
}

const TIP = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });

function showTip(bar, place) {
  TIP.replaceChildren(el("b", {}, bar.name), ...bar.told.map(({ name, text, colour }) =>
    el("div", {}, swatch(colour), el("span", {}, name), el("span", { class: "number" }, text))));
  TIP.hidden = false;
  const box = place.getBoundingClientRect();
  const own = TIP.getBoundingClientRect();
  const right = box.right + 8 + own.width < innerWidth;
  TIP.style.left = `${Math.max(4, right ? box.right + 8 : box.left - own.width - 8) + scrollX}px`;
  TIP.style.top = `${Math.max(4, box.top + 8) + scrollY}px`;
}

function hideTip() {
  TIP.hidden = true;
}
