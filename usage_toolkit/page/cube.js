// The cells of the page: read once, filtered and added up at each choice. What must not be added is kept apart.

const FACTS = ["billed", "metered"];
const LABELS = ["provider", "workspace", "model", "api_key", "user", "meter", "basis", "unit", "currency"];

function* listed(text) {
  if (!text) return;
  for (const part of text.split(" ")) {
    const [value, again] = part.split("*");
    for (let left = again ? Number(again) : 1; left; left -= 1) yield value;
  }
}

// Reads lines of series. Each has the codes of its labels, the span its times are of, and its cells side by side.
function series(text, scales) {
  const [head, ...lines] = text.split("\n");
  const names = head.split(",");
  return lines.map((line) => {
    const found = Object.fromEntries(line.split(",").map((cell, at) => [names[at], cell]));
    const one = { span: found.span, at: [], rows: Array.from(listed(found.rows), Number) };
    for (const name of names.slice(0, names.indexOf("span"))) one[name] = Number(found[name]);
    let at = 0;
    for (const step of listed(found.at)) one.at.push((at += Number(step)));
    for (const measure of ["quantity", "amount", "amount_usd"]) {
      const again = measure === "amount_usd" && found[measure] === "=";
      const values = again ? one.amount : Array.from(listed(found[measure]), (value) => scaled(value, scales[measure]));
      one[measure] = values.length ? values : null;
    }
    return one;
  });
}

const FINE = series(PAGE.cube, PAGE.scales);
const REFUSED = series(PAGE.refused, PAGE.scales);
const code = (label, value) => PAGE.codes[label].indexOf(value);
const NONE = Object.fromEntries(["unit", "currency"].map((label) => [label, code(label, "(none)")]));

// The same by the day: many times fewer, for whatever asks for no hours.
function byDay(all) {
  return all.map((one) => {
    if (one.span === "1d") return one;
    const made = { ...one, span: "1d", hourly: true, at: [], rows: [], quantity: one.quantity && [],
      amount: one.amount && [], amount_usd: one.amount_usd && [] };
    const measures = ["quantity", "amount", "amount_usd"].filter((name) => one[name]);
    one.at.forEach((hour, place) => {
      const day = DAY_OF_HOUR[hour];
      const last = made.at.length - 1;
      if (made.at[last] === day) {
        made.rows[last] += one.rows[place];
        for (const name of measures) made[name][last] = plus(made[name][last], one[name][place]);
      } else {
        made.at.push(day);
        made.rows.push(one.rows[place]);
        for (const name of measures) made[name].push(one[name][place]);
      }
    });
    return made;
  });
}

const DAILY = byDay(FINE);
const REFUSED_DAILY = byDay(REFUSED);

// Which codes of a label are chosen; null keeps all.
const chosen = (filter, label) => filter[label] && new Set(filter[label].map((value) => code(label, value)));

function keeps(filter, but = null) {
  const sets = PAGE.selectors.filter((label) => label !== but && filter[label]).map((label) => [label, chosen(filter, label)]);
  return (one) => sets.every(([label, codes]) => codes.has(one[label]));
}

// From where to where the cells of a series lie in a period. A row that only reaches into it is not kept whole, and
// so not at all: how many such rows there are is told.
function within(one, filter) {
  const starts = STARTS[one.span];
  const first = filter.start === null ? 0 : lower(one.at, (at) => starts[at] >= filter.start);
  const long = PAGE.every === "1h" && one.span === "1d" && !one.hourly ? 24 * HOUR : 0;
  let cut = 0;
  if (long && first && starts[one.at[first - 1]] + long > filter.start) cut += one.rows[first - 1];
  if (filter.stop === null) return [first, one.at.length, cut];
  const last = lower(one.at, (at) => long ? starts[at] + long > filter.stop : starts[at] >= filter.stop);
  if (long && last >= first && last < one.at.length && starts[one.at[last]] < filter.stop) cut += one.rows[last];
  return [Math.min(first, last), last, cut];
}

// The first place for which something is true, that is true for all after it.
function lower(values, test) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(values[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

// What each selector can offer, with its number of rows: narrowed by the others, never by itself.
function offers(filter) {
  const counted = cellsFor(filter, "1d").map((one) => {
    const [first, last] = within(one, filter);
    let rows = 0;
    for (let place = first; place < last; place += 1) rows += one.rows[place];
    return [one, rows];
  });
  return Object.fromEntries(PAGE.selectors.map((label) => {
    const found = new Map();
    const kept = keeps(filter, label);
    for (const [one, rows] of counted) {
      if (rows && kept(one)) found.set(one[label], (found.get(one[label]) ?? 0) + rows);
    }
    return [label, found];
  }));
}

const dayEdge = (moment) => moment === null || DAYS.has(moment);
const cellsFor = (filter, every, fine = FINE, daily = DAILY) =>
  every !== "1h" && dayEdge(filter.start) && dayEdge(filter.stop) ? daily : fine;

// Adds up what is kept per bar and label, as a frame whose rows stand in the order of their keys. A row without a
// `time` lies in no single bar.
function added(filter, every, by, all) {
  const kept = keeps(filter);
  const found = new Map();
  let cut = 0;
  for (const one of all) {
    if (!kept(one)) continue;
    const [first, last, part] = within(one, filter);
    cut += part;
    if (first === last) continue;
    const apart = every === "1h" && one.span === "1d";
    const bars = apart ? null : barsOf(one.span, every);
    const codes = by.map((label) => one[label]);
    const key = codes.join();
    let times = found.get(key);
    if (!times) found.set(key, (times = new Map()));
    for (let place = first; place < last; place += 1) {
      const time = apart ? -1 : bars[one.at[place]];
      let row = times.get(time);
      if (!row) times.set(time, (row = { time, codes, quantity: 0n, amount: 0n, amount_usd: 0n, rows: 0 }));
      row.quantity = plus(row.quantity, one.quantity ? one.quantity[place] : null);
      row.amount = plus(row.amount, one.amount ? one.amount[place] : null);
      row.amount_usd = plus(row.amount_usd, one.amount_usd ? one.amount_usd[place] : null);
      row.rows += one.rows[place];
    }
  }
  const rows = [...found.values()].flatMap((times) => [...times.values()]);
  rows.sort((a, b) => a.time - b.time || differ(a.codes, b.codes));
  return { rows, by, cut };
}

function differ(a, b) {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return 0;
}

// The value of a label in a row of what `added` returns.
const valueOf = (data, row, label) => PAGE.codes[label][row.codes[data.by.indexOf(label)]];
