// What bars are made of: tokens, requests, or money of one currency and basis, and what may stand on each other.

const GROUPS = ["model", "meter", "api_key", "workspace", "user", "provider"].filter(
  (label) => label === "meter" || PAGE.selectors.includes(label));
const TOKENS = { measure: "quantity", unit: "token", bases: FACTS, meters: new Set(PAGE.order.meter.slice(0, 6)) };

const basedName = ({ unit, basis }) => {
  const named = nameOf("currency", unit);
  return basis === "billed" ? named : `${named} (${nameOf("basis", basis)})`;
};

const fullName = ({ unit, basis }) => say(`based_${basis}`, { amount: nameOf("currency", unit) });

// Each kind of money in some totals, what is worth most US dollars first, as the panel offers them.
function moneys(data) {
  const found = new Map();
  for (const { group, value } of rowsOf(data)) {
    const [unit, basis] = ["currency", "basis"].map((label) => valueOf(data, group, label));
    if (unit === "(none)") continue;
    const key = basis === "billed" ? unit : `${unit} (${basis})`;
    const dollars = value("amount_usd") ?? (unit === "USD" ? value("amount") : null) ?? 0n;
    found.set(key, { key, unit, basis, size: (found.get(key)?.size ?? 0n) + dollars });
  }
  const rank = (one) => [-near(size(one.size), PAGE.scales.amount_usd), one.basis !== "billed", one.unit !== "USD", one.key];
  const first = (a, b) => { // compares place by place
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((part, place) => part !== right[place]);
    return at < 0 ? 0 : left[at] < right[at] ? -1 : 1;
  };
  return [...found.values()].sort(first);
}

const REQUESTS = { measure: "quantity", unit: "request", bases: FACTS };
const drawnMoney = (one) => ({ measure: "amount", unit: one.unit, bases: [one.basis], basis: one.basis });

// Which series have to do with what is drawn: tokens belong to all rows, money only to rows of that money.
function behindOf(drawn) {
  if (!drawn || drawn.measure === "quantity") return () => true;
  return (one) => PAGE.codes.currency[one.currency] === drawn.unit && PAGE.codes.basis[one.basis] === drawn.basis;
}

// How fine the bars of a board are: as asked, as far as its rows resolve it and eyes can read them.
function fineness({ filter, every: asked }, span, behind) {
  const every = span ? fitting(span, asked) : "1d";
  return SPANS.slice(SPANS.indexOf(every)).find((one) => resolves(filter, behind, one));
}

// Whether any row that is kept can be drawn in such spans, or there is none.
function resolves(filter, behind, every) {
  if (RANK[every] >= RANK["1d"]) return true;
  const kept = keeps(filter);
  const found = USE[PAGE.every].filter((one) => {
    const [first, last] = kept(one) && behind(one) ? within(one, filter) : [0, 0];
    return first < last;
  });
  return !found.length || found.some((one) => RANK[one.span] <= RANK[every]);
}

// What is drawn of a frame: the sums that may stand on each other, by bar and value of the group, the smallest in one.
// What was given back is a part of its own, below zero.
function heights(data, label, drawn) {
  const { measure } = drawn;
  const of = measure === "quantity" ? "unit" : "currency";
  const inside = data.groups.filter((group) => group.sums && valueOf(data, group, of) === drawn.unit
    && drawn.bases.includes(valueOf(data, group, "basis")) && (!drawn.meters || drawn.meters.has(valueOf(data, group, "meter"))));
  const found = new Map();
  for (const group of inside) {
    const name = valueOf(data, group, label);
    if (!found.has(name)) found.set(name, new Signed(measure, group.sums.rows.length));
    found.get(name).add(group.sums);
  }
  const sizes = new Map([...found].filter(([, one]) => one.some).map(([name, one]) => [name, one.size()]));
  const meters = PAGE.order.meter;
  const ranked = [...sizes.keys()].sort((a, b) => label === "meter" ? meters.indexOf(a) - meters.indexOf(b)
    : (sizes.get(b) > sizes.get(a)) - (sizes.get(b) < sizes.get(a)) || (a < b ? -1 : 1));
  const all = ranked.filter((name) => label === "meter" || name !== "(other)");
  const own = label === "meter" ? all : all.slice(0, PAGE.most);
  const rest = ranked.filter((name) => !own.includes(name));
  const kinds = own.map((name, at) => ({ name: nameOf(label, name), signed: found.get(name),
    colour: label === "meter" ? PAGE.colours.meter[name] : PAGE.colours.palette[at] ?? PAGE.colours.rest }));
  if (rest.length) {
    const signed_ = found.get(rest[0]);
    for (const name of rest.slice(1)) signed_.join(found.get(name));
    kinds.push({ name: PAGE.phrases.other, colour: PAGE.colours.rest, signed: signed_ });
  }
  return kinds.map((kind) => ({ ...kind, ...kind.signed.near(), total: kind.signed.total() }));
}

// Sums of one measure by slot, those above and those below zero for themselves.
class Signed {
  constructor(measure, slots) {
    this.measure = measure;
    this.slots = slots;
    this.some = false;
    this.sides = [0, 1].map(() => Array.from({ length: PAGE.limbs[measure] }, () => new Float64Array(slots)));
  }

  add(sums) {
    const own = sums.limbs[this.measure];
    for (let slot = 0; slot < sums.rows.length; slot += 1) {
      if (!sums.rows[slot] || !sums.isKnown(this.measure, slot)) continue;
      this.some = true;
      const side = this.sides[about(own, slot) < 0 ? 1 : 0];
      own.forEach((limb, part) => { side[part][slot] += limb[slot]; });
    }
  }

  join(other) {
    this.sides.forEach((side, which) => side.forEach((limb, part) => {
      for (let slot = 0; slot < limb.length; slot += 1) limb[slot] += other.sides[which][part][slot];
    }));
    return this;
  }

  // The part of a bar above zero, and the one below.
  at(slot) {
    return this.sides.map((side) => joined(side, slot));
  }

  sum(slot) {
    return joined(this.sides[0], slot) + joined(this.sides[1], slot);
  }

  sumOf(which) {
    return joined(this.sides[which].map((limb) => [limb.reduce((sum, one) => sum + one, 0)]));
  }

  size() {
    return this.sumOf(0) - this.sumOf(1);
  }

  total() {
    return this.sumOf(0) + this.sumOf(1);
  }

  near() {
    const scale = 10 ** PAGE.scales[this.measure];
    const [up, down] = this.sides.map((side) => Float64Array.from(side[0], (_, slot) => about(side, slot) / scale));
    return { up, down };
  }
}
