// The cells of the page: read once, filtered and added up at each choice. What must not be added is kept apart.

const FACTS = ["billed", "metered"];
const RANK = { "1m": 0, "1h": 1, "1d": 2, "1w": 3, "1mo": 4 };

// Reads lines of series and their numbers. Each has the codes of its labels, the span of its cells, and those side by side.
function series(text, bits) {
  const [head, ...lines] = text.split("\n");
  const names = head.split(",");
  const labels = names.slice(0, names.indexOf("span"));
  return lines.map((line) => {
    const found = Object.fromEntries(line.split(",").map((cell, at) => [names[at], cell]));
    const count = Number(found.count);
    const one = { span: found.span, at: new Int32Array(count), derived: false };
    for (const name of labels) one[name] = Number(found[name]);
    const steps = columnOf(bits, count - 1);
    one.at[0] = Number(found.first);
    for (let place = 1; place < count; place += 1) one.at[place] = one.at[place - 1] + steps[place - 1];
    one.rows = Float64Array.from(columnOf(bits, count));
    const quantities = columnOf(bits, count);
    const rests = columnOf(bits, count);
    const columns = { quantity: quantities, amount: rests && priced(found.price === "0" ? null : found.price, quantities, rests) };
    columns.amount_usd = columnOf(bits, count);
    columns.credit = columnOf(bits, count);
    for (const [measure, many] of SIZES) one[measure] = parts(columns[measure] === "again" ? columns.amount : columns[measure], many);
    return one;
  });
}

const read = ({ series: text, bits }) => (text.includes("\n") ? series(text, bitsOf(bits)) : []);
const code = (label, value) => PAGE.codes[label].indexOf(value);

// The same by coarser spans: many times fewer, for whatever asks for nothing finer.
function coarsened(all, every) {
  return all.map((one) => {
    if (RANK[one.span] >= RANK[every]) return one;
    const bars = barsOf(one.span, every);
    const at = [];
    const slots = Int32Array.from(one.at, (place) => {
      if (at.at(-1) !== bars[place]) at.push(bars[place]);
      return at.length - 1;
    });
    const sums = new Sums(at.length, SIZES.map(([measure]) => measure));
    sums.add(one, 0, one.at.length, slots, 0, true);
    const made = { ...one, span: every, derived: true, at: Int32Array.from(at), rows: sums.rows };
    for (const [measure] of SIZES) made[measure] = one[measure] && { limbs: sums.limbs[measure], unknown: sums.unknown[measure] };
    return made;
  });
}

// Sums by slot: of rows, of each measure in parts, and of how many cells a measure is not known.
class Sums {
  constructor(slots, measures) {
    this.rows = new Float64Array(slots);
    this.limbs = {};
    this.unknown = {};
    for (const measure of measures) this.limbs[measure] = Array.from({ length: PAGE.limbs[measure] }, () => new Float64Array(slots));
  }

  // Adds the cells from one place to another, each to the slot of its bar (or of its place); without bars to the first.
  add(one, first, last, bars, from, placed = false) {
    const { at } = one;
    const slots = new Int32Array(last - first);
    if (bars && placed) for (let place = first; place < last; place += 1) slots[place - first] = bars[place];
    else if (bars) for (let place = first; place < last; place += 1) slots[place - first] = bars[at[place]] - from;
    for (let place = first; place < last; place += 1) this.rows[slots[place - first]] += one.rows[place];
    for (const measure of Object.keys(this.limbs)) {
      const own = one[measure];
      if (!own || own.unknown) {
        const marks = (this.unknown[measure] ??= new Float64Array(this.rows.length));
        for (let place = first; place < last; place += 1) marks[slots[place - first]] += own ? own.unknown[place] : 1;
      }
      if (own) own.limbs.forEach((limb, part) => {
        const sum = this.limbs[measure][part];
        for (let place = first; place < last; place += 1) sum[slots[place - first]] += limb[place];
      });
    }
  }

  isKnown(measure, slot) {
    return !this.unknown[measure]?.[slot];
  }

  // To the last digit; null where a part is not known.
  value(measure, slot) {
    return this.isKnown(measure, slot) ? joined(this.limbs[measure], slot) : null;
  }
}

const measuresOf = (which) => SIZES.map(([measure]) => measure).filter((measure) => which.includes(measure));

// Which codes of a label are chosen, label by label, but one.
function keeps(filter, but = null) {
  const sets = PAGE.selectors.filter((label) => label !== but && filter[label])
    .map((label) => [label, new Set(filter[label].map((value) => code(label, value)))]);
  return (one) => sets.every(([label, codes]) => codes.has(one[label]));
}

// From where to where the cells of a series lie in a period. A row that only reaches into it is not kept whole, and
// so not at all: how many such rows there are is told.
function within(one, filter) {
  const starts = STARTS[one.span];
  const { at } = one;
  const first = filter.start === null ? 0 : lower(at, (place) => starts[place] >= filter.start);
  const long = !one.derived && RANK[one.span] > RANK[PAGE.every] ? LENGTHS[one.span] : 0;
  let cut = 0;
  if (long && first && starts[at[first - 1]] + long > filter.start) cut += one.rows[first - 1];
  if (filter.stop === null) return [first, at.length, cut];
  const last = lower(at, (place) => starts[place] + (long || 1) > filter.stop);
  if (long && last >= first && last < at.length && starts[at[last]] < filter.stop) cut += one.rows[last];
  return [Math.min(first, last), last, cut];
}

// What each selector can offer, with its number of rows: narrowed by the others, never by itself.
function offers(filter) {
  const counted = cellsFor(filter, null).map((one) => {
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

function levelsOf(all) {
  const found = { [PAGE.every]: all };
  if (PAGE.every === "1m") found["1h"] = coarsened(all, "1h");
  if (PAGE.every !== "1d") found["1d"] = coarsened(found["1h"], "1d");
  return found;
}

const USE = levelsOf(read(PAGE.cube));
const REFUSED = levelsOf(read(PAGE.refused));

// The cells that are fine enough for bars (without any, for one sum) and for both ends of a period, and no finer.
function cellsFor({ start, stop }, every, levels = USE) {
  const begins = (span) => [start, stop].every((end) => end === null || isEdge(span, end));
  return levels[["1d", "1h"].find((span) => levels[span] && (every === null || RANK[every] >= RANK[span]) && begins(span)) ?? PAGE.every];
}

// Adds up what is kept per bar and label; without a span over all time. What lies in no single bar is kept `apart`.
function added(filter, every, by, levels = USE, measures = MEASURES) {
  const kept = keeps(filter);
  const found = new Map();
  const from = every === null ? 0 : placeOf(every, filter.start ?? STARTS[every][0]);
  const to = every === null ? 0 : placeOf(every, (filter.stop ?? PAGE.calendar.stop) - 1);
  const own = measuresOf(measures);
  let cut = 0;
  for (const one of cellsFor(filter, every, levels)) {
    if (!kept(one)) continue;
    const [first, last, part] = within(one, filter);
    cut += part;
    if (first === last) continue;
    const codes = by.map((label) => one[label]);
    const key = codes.join();
    let group = found.get(key);
    if (!group) found.set(key, (group = { codes, sums: null, apart: null }));
    if (every !== null && RANK[one.span] > RANK[every]) (group.apart ??= new Sums(1, own)).add(one, first, last, null, 0);
    else (group.sums ??= new Sums(to - from + 1, own)).add(one, first, last, every === null ? null : barsOf(one.span, every), from);
  }
  const groups = [...found.values()].sort((a, b) => differ(a.codes, b.codes));
  return { groups, by, cut, from, every };
}

const MEASURES = ["quantity", "amount", "amount_usd"];

function differ(a, b) {
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return 0;
}

// The rows of what `added` returns, in the order of a frame: what lies in no bar, then bar by bar, each by its labels.
function* rowsOf(data) {
  const row = (group, sums, slot, time) => ({ group, time, rows: sums.rows[slot], value: (measure) => sums.value(measure, slot) });
  for (const group of data.groups) if (group.apart) yield row(group, group.apart, 0, -1);
  const inside = data.groups.filter((group) => group.sums);
  const slots = inside.length ? inside[0].sums.rows.length : 0;
  for (let slot = 0; slot < slots; slot += 1) {
    for (const group of inside) if (group.sums.rows[slot]) yield row(group, group.sums, slot, data.from + slot);
  }
}

function countOf(data) {
  let found = 0;
  for (const { sums, apart } of data.groups) {
    if (apart) found += 1;
    if (sums) for (const rows of sums.rows) if (rows) found += 1;
  }
  return found;
}

// The value of a label in a group of what `added` returns.
const valueOf = (data, group, label) => PAGE.codes[label][group.codes[data.by.indexOf(label)]];
