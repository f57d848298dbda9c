// What came with the page, and the only way from a text to the screen: as text, never read as markup.

const PAGE = JSON.parse(document.getElementById("cargo").textContent);
const SVG = "http://www.w3.org/2000/svg";

function fillIn(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const el = (tag, attributes = {}, ...children) => fillIn(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fillIn(document.createElementNS(SVG, tag), attributes, children);

function swatch(colour, kind = "swatch") {
  const made = svg("svg", { class: kind, viewBox: "0 0 10 10", "aria-hidden": "true" });
  made.append(svg("rect", { width: 10, height: 10, rx: 2, fill: colour }));
  return made;
}

let fields = 0;
function field(label, control) {
  control.id = `f${(fields += 1)}`;
  return el("div", { class: "field" }, el("label", { for: control.id }, label), control);
}

// Offers these options of a menu: pairs of a value and what it is called.
function offer(menu, options, value) {
  const same = menu.options.length === options.length
    && options.every(([key, text], at) => menu.options[at].value === key && menu.options[at].text === text);
  if (!same) menu.replaceChildren(...options.map(([key, text]) => el("option", { value: key }, text)));
  menu.value = value;
}
