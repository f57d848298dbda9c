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
const FEW = 100; // of so many bars each is read out with all its parts, of more when it is reached

const tenth = (number) => Math.round(number * 10) / 10;

// A drawing that stays: what is the same as before is not made again.
function chart(box) {
  const frame = svg("g", { "aria-hidden": "true" });
  const shapes = svg("g", { "aria-hidden": "true" });
  const names = svg("g", { "aria-hidden": "true" });
  const spots = svg("g");
  const drawing = svg("svg", { role: "group" }, frame, shapes, names, spots);
  const view = { model: null, places: [], told: [], room: 0, width: 0 };
  box.append(drawing);
  listen(drawing, view);

  function draw(model) {
    view.width ||= Math.max(280, box.clientWidth || 960); // asked once, as a browser then lays out all there is
    const width = paper || view.width;
    view.model = model;
    drawing.setAttribute("aria-label", model.description);
    drawing.setAttribute("viewBox", `0 0 ${width} ${model.empty ? HEIGHT / 3 : HEIGHT}`);
    const { bars: shown, kinds } = model.empty ? { bars: [], kinds: [] } : model;
    const sizes = extremes(kinds, shown.length);
    const marks = ticks(Math.min(0, ...sizes.down), Math.max(0, ...sizes.up));
    const [low, high] = [marks[0], marks.at(-1)];
    const base = HEIGHT - BOTTOM;
    const y = (number) => tenth(base - ((number - low) / (high - low || 1)) * (base - TOP));
    const room = (width - LEFT - RIGHT) / Math.max(1, shown.length);
    const wide = Math.min(72, room * (shown.length > 200 ? 1 : 0.85));
    const x = (at) => LEFT + room * at + (room - wide) / 2;
    frame.replaceChildren(...(model.empty
      ? [svg("text", { x: width / 2, y: HEIGHT / 6, class: "empty", "text-anchor": "middle" }, model.empty)]
      : marks.flatMap((mark) => [
        svg("path", { class: mark === 0 ? "zero" : "rule", d: `M${LEFT} ${y(mark)}H${width - RIGHT}` }),
        svg("text", { x: LEFT - 8, y: y(mark) + 4, "text-anchor": "end" }, axisText(mark))])));
    shapes.setAttribute("class", wide < 3 ? "thin" : "");
    shapes.replaceChildren(...stacked(kinds, shown.length, { x, y, wide }));
    names.replaceChildren(...labels(shown, { x, wide, width }));
    place(shown, room, base);
  }

  // A place to point at for each bar.
  function place(shown, room, base) {
    const same = view.places.length === shown.length && view.room === room;
    if (!same) {
      view.places = shown.map((_, at) => svg("rect", { x: (LEFT + room * at).toFixed(2), y: TOP, width: room.toFixed(2), height: base - TOP,
        class: "place", tabindex: at ? "-1" : "0", "data-at": at }));
      view.room = room;
      view.told = [];
      spots.replaceChildren(...view.places);
    }
    const role = view.model.open ? "button" : "img";
    shown.forEach((bar, at) => {
      const label = shown.length > FEW ? view.model.brief(at) : view.model.said(at);
      const told = [role, bar.key, label];
      ["role", "data-name", "aria-label"].forEach((name, which) => {
        if (view.told[at]?.[which] !== told[which]) view.places[at].setAttribute(name, told[which]);
      });
      view.told[at] = told;
    });
  }

  const resized = () => {
    view.width = 0;
  };

  return { draw, resized };
}

// How high and how low each bar reaches.
function extremes(kinds, count) {
  const [up, down] = [new Float64Array(count), new Float64Array(count)];
  for (const kind of kinds) {
    for (let at = 0; at < count; at += 1) {
      up[at] += kind.up[at];
      down[at] += kind.down[at];
    }
  }
  return { up, down };
}

// One shape a series: its part of every bar, above those before it, or below where it is less than nothing.
function stacked(kinds, count, { x, y, wide }) {
  const [up, down] = [new Float64Array(count), new Float64Array(count)];
  const width = wide.toFixed(2);
  return kinds.map((kind) => {
    const pieces = [];
    for (const [own, reached] of [[kind.up, up], [kind.down, down]]) {
      for (let at = 0; at < count; at += 1) {
        if (!own[at]) continue;
        const from = reached[at];
        reached[at] += own[at];
        const [top, bottom] = own[at] < 0 ? [y(from), y(reached[at])] : [y(reached[at]), y(from)];
        pieces.push(`M${x(at).toFixed(2)} ${top}h${width}V${bottom}h-${width}z`);
      }
    }
    return svg("path", { fill: kind.colour, class: "bar", d: pieces.join("") });
  });
}

// As many names below the bars as there is room for, at even steps; hours of many days have each day's first alone.
function labels(shown, { x, wide, width }) {
  const named = shown.map((bar, at) => [bar.short, at]).filter(([text, at]) => at === 0 || shown[at - 1].short !== text);
  const longest = Math.max(1, ...named.map(([text]) => text.length)) * 6.6 + 12;
  const every = Math.max(1, Math.ceil((named.length * longest) / (width - LEFT)));
  return named.filter((_, place) => place % every === 0)
    .map(([text, at]) => svg("text", { x: tenth(x(at) + wide / 2), y: HEIGHT - 8, "text-anchor": "middle" }, text));
}

// A click or Enter opens a bar, arrows go from one to the next, and what it is made of is told beside it.
function listen(drawing, view) {
  const at = (event) => Number(event.target.dataset?.at ?? -1);
  const go = (from, to) => {
    if (!view.places[to]) return;
    view.places[from].setAttribute("tabindex", "-1");
    view.places[to].setAttribute("tabindex", "0");
    view.places[to].focus();
  };
  const open = (place) => view.model.open?.(place);
  drawing.addEventListener("click", (event) => at(event) >= 0 && open(at(event)));
  drawing.addEventListener("keydown", (event) => {
    const here = at(event);
    if (here < 0) return;
    const steps = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: view.places.length - 1 };
    if (event.key in steps) go(here, steps[event.key]);
    else if (event.key !== "Enter" && event.key !== " ") return;
    else open(here);
    event.preventDefault();
  });
  const tell = (event) => {
    if (at(event) < 0) return;
    view.told[at(event)][2] = view.model.said(at(event));
    event.target.setAttribute("aria-label", view.told[at(event)][2]);
    showTip(view.model.bars[at(event)].name, view.model.told(at(event)), event.target);
  };
  drawing.addEventListener("pointerover", tell);
  drawing.addEventListener("focusin", tell);
  drawing.addEventListener("pointerleave", hideTip);
  drawing.addEventListener("focusout", hideTip);
}

const TIP = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });

function showTip(name, told, place) {
  TIP.replaceChildren(el("b", {}, name), ...told.map(({ name, text, colour }) =>
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
