// The sums of what is shown, and how each is written in a tile: rounded to be read, to its last digit, and compared.

const KEYS = ["provider", "meter", "basis", "unit", "currency"];
const MEASURES_AND_CREDIT = [...MEASURES, "credit"];
const INPUTS = ["input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write"];
const ALWAYS = ["web_search", "code_execution", "session", "other"];
const nameOf = (label, of) => (label === "meter" ? PAGE.meters[of] : PAGE.called[label][code(label, of)] ?? of);
const cents = (currency) => PAGE.cents[currency] ?? 2;
const keyOf = ({ of, unit, basis }) => `${of}|${unit}|${basis}`;

// Per meter and unit, what a provider counted in one; and per currency and basis. With an unknown part it is unknown.
function totals(data) {
  const found = new Map();
  const add = (of, unit, basis, value, usd, credit) => {
    const before = found.get(keyOf({ of, unit, basis })) ?? { value: 0n, usd: 0n, credit: 0n };
    found.set(keyOf({ of, unit, basis }), { of, unit, basis, value: plus(before.value, value), usd: plus(before.usd, usd),
      credit: plus(before.credit, credit) });
  };
  for (const { group, value } of rowsOf(data)) {
    const [meter, basis, unit, currency] = ["meter", "basis", "unit", "currency"].map((label) => valueOf(data, group, label));
    if (unit !== "(none)") add(meter, unit, FACTS.includes(basis) ? "metered" : basis, value("quantity"), null, null);
    if (currency !== "(none)") add("", currency, basis, value("amount"), value("amount_usd"), PAGE.credits ? value("credit") : 0n);
  }
  const meters = PAGE.order.meter;
  const place = ({ of }) => (of ? meters.indexOf(of) : meters.length);
  const words = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return [...found.values()].sort((a, b) => place(a) - place(b) || words(a.basis, b.basis) || words(a.unit, b.unit));
}

// The money of one kind by meter.
function byMeter(data, { unit, basis }) {
  const found = new Map();
  for (const { group, value } of rowsOf(data)) {
    if (valueOf(data, group, "currency") !== unit || valueOf(data, group, "basis") !== basis) continue;
    const meter = valueOf(data, group, "meter");
    found.set(meter, plus(found.get(meter) ?? 0n, value("amount")));
  }
  return found;
}

// One number now and before, `none` where no row reports it: the sum of some totals.
const sumOf = (found, wanted) => {
  const own = found.filter((one) => wanted.includes(keyOf(one)));
  return own.length ? own.reduce((sum, one) => plus(sum, one.value), 0n) : none;
};

const exactMoney = (value, unit) => `${written(value, PAGE.scales.amount, cents(unit))} ${nameOf("currency", unit)}`;
const exactCount = (value, unit) => `${written(value, PAGE.scales.quantity)} ${unitOf(unit, value, PAGE.scales.quantity)}`;
const shortOf = (value, unit) => shortMoney(value, PAGE.scales.amount, cents(unit));

// Whole, as parts of a token are not read at a glance; what is less than one is written out.
function counted(value) {
  const scale = PAGE.scales.quantity;
  return written(size(value) >= 10n ** BigInt(scale) ? rounded(value, scale, 0) : value, scale);
}

const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// Draws tiles; `compared` tells the period before, or why there is none.
function tiler(compared) {
  const titled = (exact, now, then) => {
    if (compared.why) return exact;
    const was = then === none ? say("none") : then === null ? say("not_reported") : now(then);
    return [exact, `${compared.name}: ${was}`].filter(Boolean).join("; ");
  };

  function tile(label, { number, unit = "", change = "", title = "", basis = "", aside = null, exact = "", digits = "", of = "", main = false, chosen = false }) {
    const box = el("div", { class: `tile${main ? " main" : ""}${chosen ? " chosen" : ""}`, title },
      el("div", { class: "label" }, basis ? swatch(PAGE.colours.basis[basis], "mark") : null, capital(label)),
      el("data", { class: number === null ? "unknown" : "value", value: digits }, number ?? say("not_reported")),
      el("div", { class: "below" }, el("small", {}, unit || "\u00a0"), el("span", { class: "change" }, change)),
      exact && exact !== `${number} ${unit}` ? el("small", { class: "exact" }, exact) : null,
      aside === null ? null : el("small", { class: "aside" }, aside || "\u00a0"));
    if (of) box.dataset.of = of;
    return box;
  }

  function count(label, now, then, unit, { main = false, of = "" } = {}) {
    const value = now === none ? null : now;
    const exact = value === null ? "" : exactCount(value, unit);
    const absent = main || now !== none ? null : "\u2013";
    return tile(label, {
      number: value === null ? absent : counted(value), unit: value === null ? "" : unitOf(unit, value, PAGE.scales.quantity),
      change: compared.why ? "" : changed(now, then, (size_) => exactCount(size_, unit)),
      title: titled(exact, (was) => exactCount(was, unit), then), digits: value === null ? "" : plain(value, PAGE.scales.quantity),
      of: now === none ? "" : of, main });
  }

  function money(label, now, then, unit, { main = false, of = "", exact = false, ...rest } = {}) {
    const value = now === none ? null : now;
    const text = value === null ? "" : exactMoney(value, unit);
    const absent = now !== none ? null : "\u2013";
    return tile(label, {
      number: value === null ? absent : shortOf(value, unit), unit: nameOf("currency", unit), main,
      change: compared.why ? "" : changed(now, then, (size_) => `${shortOf(size_, unit)} ${nameOf("currency", unit)}`),
      title: titled(text, (was) => exactMoney(was, unit), then), exact: exact ? text : "",
      digits: value === null ? "" : plain(value, PAGE.scales.amount), of: now === none ? "" : of, ...rest });
  }

  // A share in percent, which changes by percentage points.
  function share(label, [part, whole], [partThen, wholeThen], said) {
    const known = (one, all) => one !== none && all !== none && one !== null && all;
    if (!known(part, whole)) return tile(label, { number: null, title: said, main: true });
    const tenths = (one, all) => written(ratio(100n * one, all, 1), 1, 1);
    let [change, title] = ["", said];
    if (!compared.why && known(partThen, wholeThen)) {
      const moved = part * wholeThen - partThen * whole;
      change = moved ? signed(moved, say("points", { number: percent(100n * size(moved), whole * wholeThen) })) : say("unchanged");
      title = `${said}; ${compared.name}: ${tenths(partThen, wholeThen)} %`;
    }
    return tile(label, { number: tenths(part, whole), unit: "%", change, title, main: true });
  }

  return { tile, count, money, share };
}

const row = (tiles, kind = "") => (tiles.length ? [el("div", { class: `tiles ${kind}` }, ...tiles)] : []);

function usageTiles(now, then, known, compared) {
  const { count, share } = tiler(compared);
  const tokens = (meter) => `${meter}|token|metered`;
  const inputs = INPUTS.map(tokens);
  const both = (...wanted) => [sumOf(now, wanted), sumOf(then, wanted)];
  const own = [tokens("output"), "web_search|request|metered", "request|request|metered"];
  const names = [nameOf("meter", "output"), say("searches"), say("requests")];
  const [output, searches, requests] = own.map((key, at) => count(names[at], ...both(key), key.split("|")[1], { main: true, of: key }));
  const cached = both(tokens("cache_read"));
  const input = both(...inputs);
  const shared = share(say("cache_share"), [cached[0], input[0]], [cached[1], input[1]], say("cache_said"));
  const several = (of) => known.some((one) => one.of === of && known.some((two) => two !== one && two.of === of && two.basis === one.basis));
  const minor = known.filter((one) => one.of && !own.includes(keyOf(one))).map((one) => {
    const more = [...(several(one.of) ? [unitOf(one.unit, null, 0)] : []), ...(FACTS.includes(one.basis) ? [] : [nameOf("basis", one.basis)])];
    const label = nameOf("meter", one.of) + (more.length ? ` (${more.join(", ")})` : "");
    return count(label, ...both(keyOf(one)), one.unit, { of: keyOf(one) });
  });
  return [...row([count(say("all_input"), ...input, "token", { main: true }), output, shared, searches, requests]), ...row(minor, "minor")];
}

function moneyTiles(now, then, known, drawn, data, compared) {
  const { tile, money } = tiler(compared);
  const all = known.filter((one) => !one.of);
  if (!all.length) return row([tile(say("cost"), { number: null, main: true })]);
  const parity = all.some((one) => one.usd !== null && one.unit !== "USD");
  const of = (found, one) => found.find((other) => keyOf(other) === keyOf(one));
  const sums = all.map((one) => {
    const dollars = of(now, one)?.usd ?? null;
    const worth_ = dollars !== null && one.unit !== "USD" ? say("parity", { dollars: `${shortMoney(dollars, PAGE.scales.amount_usd, cents("USD"))} USD` }) : "";
    return money(nameOf("basis", one.basis), of(now, one)?.value ?? (of(now, one) ? null : none), of(then, one) ? of(then, one).value : none, one.unit,
      { main: true, of: keyOf(one), basis: one.basis, exact: true, aside: parity ? worth_ : null,
        chosen: Boolean(drawn) && one.unit === drawn.unit && one.basis === drawn.basis });
  });
  const one = all.find((other) => drawn && other.unit === drawn.unit && other.basis === drawn.basis) ?? all[0];
  return [...row(sums, "large"), ...row([...givenBack(of(now, one), of(then, one), one.unit, money), ...metersOf(one, data, compared, money)], "minor")];
}

// Charges and credits, if any row at all gives money back.
function givenBack(now, then, unit, money) {
  if (!PAGE.credits) return [];
  const split = (total) => {
    if (!total) return [none, none];
    if (total.value === null) return [null, null];
    return [total.value - (total.credit ?? 0n), total.credit ? total.credit : none];
  };
  const [[charges, credits], [chargesThen, creditsThen]] = [split(now), split(then)];
  return [money(say("charges"), charges, chargesThen, unit), money(say("credits"), credits, creditsThen, unit)];
}

// The drawn money by meter: those that any row is charged for, and those that a bill always names.
function metersOf(one, data, compared, money) {
  const [now, then] = [byMeter(data, one), byMeter(compared.data, one)];
  const of = (found, meter) => (found.has(meter) ? found.get(meter) : none);
  return PAGE.order.meter.filter((meter) => ALWAYS.includes(meter) || CHARGED.has(meter))
    .map((meter) => money(PAGE.meters[meter], of(now, meter), of(then, meter), one.unit, { of: "" }));
}
