// The sums of what is shown, and how each is written in a tile: rounded to be read, and to its last digit.

const INPUTS = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write"];
const nameOf = (label, of) => PAGE.called[label][code(label, of)] ?? of;
const cents = (currency) => PAGE.cents[currency] ?? 2;

// Per meter and unit, what a provider counted in one; and per currency and basis. With an unknown part it is unknown.
function totals(data) {
  const found = new Map();
  const add = (of, unit, basis, amount, usd) => {
    const key = JSON.stringify([of, unit, basis]);
    const before = found.get(key);
    found.set(key, { of, unit, basis, value: plus(before ? before.value : 0n, amount),
      usd: plus(before ? before.usd : 0n, usd) });
  };
  for (const row of data.rows) {
    const [meter, basis, unit, currency] = ["meter", "basis", "unit", "currency"].map((label) => valueOf(data, row, label));
    if (unit !== "(none)") add(meter, unit, FACTS.includes(basis) ? "metered" : basis, row.quantity, null);
    if (currency !== "(none)") add("", currency, basis, row.amount, row.amount_usd);
  }
  const meters = PAGE.order.meter;
  const place = ({ of }) => (of ? meters.indexOf(of) : meters.length);
  const words = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return [...found.values()].sort((a, b) => place(a) - place(b) || words(a.basis, b.basis) || words(a.unit, b.unit));
}

const exactText = ({ of, unit, value }) => {
  if (value === null) return say("not_reported");
  if (!of) return `${written(value, PAGE.scales.amount, cents(unit))} ${nameOf("currency", unit)}`;
  return `${written(value, PAGE.scales.quantity)} ${unitOf(unit, value, PAGE.scales.quantity)}`;
};

function tile(label, total, { aside = "", basis = "", main = false } = {}) {
  const known = total && total.value !== null && total.value !== undefined;
  const absent = total || main ? say("not_reported") : "\u2013";
  const number = !known ? absent : total.of ? counted(total.value)
    : shortMoney(total.value, PAGE.scales.amount, cents(total.unit));
  const exact = known ? exactText(total) : "";
  const unit = !total ? "" : total.of ? unitOf(total.unit, total.value, PAGE.scales.quantity) : nameOf("currency", total.unit);
  const digits = known ? plain(total.value, total.of ? PAGE.scales.quantity : PAGE.scales.amount) : "";
  const box = el("div", { class: main ? "tile main" : "tile", title: exact },
    el("div", { class: "label" }, basis ? swatch(PAGE.colours.basis[basis], "mark") : null, capital(label)),
    el("data", { class: known ? "value" : "unknown", value: digits }, number),
    el("small", {}, unit || "\u00a0"),
    !known || total.of || exact === `${number} ${unit}` ? null : el("small", { class: "exact" }, exact),
    aside ? el("small", {}, aside) : null);
  if (total) box.dataset.of = `${total.of}|${total.unit}|${total.basis}`;
  return box;
}

// Whole, as parts of a token are not read at a glance; what is less than one is written out.
function counted(value) {
  const scale = PAGE.scales.quantity;
  return written(size(value) >= 10n ** BigInt(scale) ? rounded(value, scale, 0) : value, scale);
}

const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

function usageTiles(found, all) {
  const pick = (of, unit = "token") => found.find((one) => one.of === of && one.unit === unit && one.basis === "metered");
  const inputs = INPUTS.map((meter) => pick(meter)).filter(Boolean);
  const input = inputs.length ? { of: "all_input", unit: "token", basis: "metered",
    value: inputs.reduce((sum, one) => plus(sum, one.value), 0n) } : null;
  const main = [
    tile(say("all_input"), input, { main: true }),
    tile(nameOf("meter", "output"), pick("output"), { main: true }),
    shareTile(inputs.length ? pick("cache_read") : null, input),
    tile(say("searches"), pick("web_search", "request"), { main: true }),
    tile(say("requests"), pick("request", "request"), { main: true }),
  ];
  const own = new Set(["output|token|metered", "web_search|request|metered", "request|request|metered"]);
  const keyOf = ({ of, unit, basis }) => `${of}|${unit}|${basis}`;
  const minor = all.filter((one) => one.of && !own.has(keyOf(one))).map((one) => {
    const now = found.find((other) => keyOf(other) === keyOf(one));
    const label = FACTS.includes(one.basis) ? nameOf("meter", one.of) : `${nameOf("meter", one.of)} (${nameOf("basis", one.basis)})`;
    return tile(label, now);
  });
  return [el("div", { class: "tiles" }, ...main), el("div", { class: "tiles minor" }, ...minor)];
}

function shareTile(part, whole) {
  const known = part && part.value !== null && whole && whole.value;
  const tenths = known ? rounded((part.value * 100000n) / whole.value, 3, 1) : 0n;
  return el("div", { class: "tile main", title: say("cache_said") },
    el("div", { class: "label" }, say("cache_share")),
    el("div", { class: known ? "value" : "unknown" }, known ? written(tenths, 3, 1) : say("not_reported")),
    el("small", {}, known ? "%" : "\u00a0"));
}

function moneyTiles(found, drawn) {
  const place = ({ unit, basis }) => KNOWN_MONEY.findIndex((one) => one.unit === unit && one.basis === basis);
  const money = found.filter((one) => !one.of).sort((a, b) => place(a) - place(b));
  if (!money.length) return [el("div", { class: "tiles" }, tile(say("cost"), null, { main: true }))];
  return [el("div", { class: "tiles" }, ...money.map((one) => {
    const worth = one.usd !== null && one.unit !== "USD" ? `${shortMoney(one.usd, PAGE.scales.amount_usd, 2)} USD` : "";
    const made = tile(nameOf("basis", one.basis), one, { main: true, basis: one.basis,
      aside: worth && say("parity", { dollars: worth }) });
    if (drawn && one.unit === drawn.unit && one.basis === drawn.basis) made.classList.add("chosen");
    return made;
  }))];
}
