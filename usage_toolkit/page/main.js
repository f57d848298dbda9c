// The page: one filter, its boards, and the way down into a day and up again.

const REPORTING = new Set(REFUSED[PAGE.every].map((one) => PAGE.codes.provider[one.provider]));
const NOTHING_CHOSEN = Object.fromEntries(Object.keys(PAGE.filter).map((name) => [name, null]));
const ALL = added(NOTHING_CHOSEN, null, KEYS, USE, MEASURES_AND_CREDIT);
const KNOWN_MONEY = moneys(ALL);
const CHARGED = new Set(ALL.groups.filter((group) => valueOf(ALL, group, "currency") !== "(none)").map((group) => valueOf(ALL, group, "meter")));
const rankOf = (total) => (total.of ? -1 : KNOWN_MONEY.findIndex((one) => one.unit === total.unit && one.basis === total.basis));
const UNKNOWNS = USE[PAGE.every].some((one) => ["unit:quantity", "currency:amount"].some((pair) => {
  const [label, measure] = pair.split(":");
  return PAGE.codes[label][one[label]] !== "(none)" && (!one[measure] || one[measure].unknown);
}));
const ALL_TOTALS = totals(ALL).sort((a, b) => rankOf(a) - rankOf(b));

const state = {
  filter: { ...PAGE.filter },
  every: PAGE.begin.every,
  trail: [],
  boards: { use: { group: PAGE.begin.use }, cost: { group: PAGE.begin.cost, currency: PAGE.begin.currency }, limited: {} },
  offers: {},

  choose(changes) {
    this.filter = { ...this.filter, ...changes };
    const { start, stop } = this.filter;
    const inside = ([outer]) => (outer.start === null || (start !== null && outer.start <= start))
      && (outer.stop === null || (stop !== null && stop <= outer.stop)) && (outer.start !== start || outer.stop !== stop);
    this.trail = this.trail.filter(inside);
    this.draw();
  },

  // Opens a bar, or says why it can't be: it holds nothing finer, or this file does not.
  open(bar, every, { behind, money }) {
    const long = bar.stop - bar.start;
    const finer = RANK[FINER[every]] < RANK["1d"] && long > 25 * HOUR ? "1d" : FINER[every];
    if (!SPANS.includes(finer)) {
      tell(say("file_closed", { bar: bar.name, spans: say(`spans_${PAGE.every}`) }));
      return;
    }
    if (!resolves({ ...this.filter, start: bar.start, stop: bar.stop }, behind, finer)) {
      tell(money ? say(`money_closed_${finer}`, { bar: bar.name, money: fullName(money) }) : say(`closed_${finer}`, { bar: bar.name }));
      return;
    }
    this.trail.push([{ start: this.filter.start, stop: this.filter.stop }, this.every]);
    this.every = "auto";
    this.choose({ start: bar.start, stop: bar.stop });
    (wayUp.disabled ? heading : wayUp).focus?.();
  },

  above() {
    return this.trail.at(-1) ?? [wider(this.filter), this.every];
  },

  up() {
    const [ends, every] = this.above();
    this.every = every;
    this.choose(ends);
  },

  providers() {
    const found = new Set(SHOWN.groups.map((group) => valueOf(SHOWN, group, "provider")));
    if (found.size) return [...found].sort();
    return this.filter.provider ?? PAGE.codes.provider;
  },

  draw() {
    hideTip();
    tell("");
    const span = reach(this.filter);
    SHOWN = added(this.filter, null, KEYS, USE, MEASURES_AND_CREDIT);
    const shown = new Set(SHOWN.groups.map((group) => valueOf(SHOWN, group, "provider")));
    const compared = before(this.filter, shown);
    const context = { span, providers: shown, offered: moneys(SHOWN), sums: SHOWN, now: totals(SHOWN), then: totals(compared.data), compared };
    this.offers = offers(this.filter);
    for (const one of Object.values(CHOICES)) one.show(this.offers);
    PERIOD.show();
    offer(granularity, [["auto", say("auto")], ...SPANS.map((name) => [name, say(`span_${name}`)])], this.every);
    const drawn = BOARDS.map((one) => one.draw(context));
    const { data, every } = drawn[order.indexOf("use")];
    crumbs();
    notes(data, every);
    change.textContent = compared.note;
    if (this.every === "auto" || this.every === every) return;
    const legible = span && fitting(span, this.every) === this.every;
    const told = { asked: say(`spans_${this.every}`), bars: say(`spans_${every}`) };
    tell(say(legible ? "coarser_rows" : "coarser_bars", told));
  },
};
let SHOWN = null;

const granularity = el("select", { onchange: () => { state.every = granularity.value; state.draw(); } });
const wayUp = el("button", { type: "button", onclick: () => state.up() }, say("up"));
const heading = el("b", { "aria-current": "true", tabindex: "-1" });
const trail = el("nav", { class: "crumbs" });
const message = el("div", { class: "message", role: "alert", hidden: true });
const status = el("div", { class: "status", role: "status" });
const leftOut = el("div", { class: "left-out" });
const change = el("p", { class: "note" });
const CHOICES = Object.fromEntries(PAGE.selectors.map((label) => [label, choice(label, state)]));
const PERIOD = periodChoice(state);
const order = PAGE.begin.board === "use" ? ["use", "cost", "limited"] : ["cost", "use", "limited"];
const BOARDS = order.map((kind) => board(kind, state));

function tell(text) {
  message.textContent = text;
  message.hidden = !text;
}

function crumbs() {
  const said = state.trail.flatMap(([ends]) => [periodName(ends), " \u203a "]);
  heading.textContent = periodName(state.filter);
  const narrowed = PAGE.selectors.filter((label) => state.filter[label])
    .map((label) => `${PAGE.columns[label]}: ${state.filter[label].map((of) => nameOf(label, of)).join(", ")}`);
  trail.replaceChildren(...said, heading, ...(narrowed.length ? [el("span", { class: "narrowed" }, ` \u00b7 ${narrowed.join(" \u00b7 ")}`)] : []));
  const [above] = state.above();
  wayUp.disabled = above.start === state.filter.start && above.stop === state.filter.stop;
  wayUp.title = wayUp.disabled ? "" : say("back_to", { period: periodName(above) });
}

// What is not in the pictures, and why.
function notes(data, every) {
  const of = (group, label) => valueOf(data, group, label);
  const rows = (sums) => (sums ? sums.rows.reduce((all, one) => all + one, 0) : 0);
  const sum = (one) => data.groups.reduce((all, group) => all + one(group), 0);
  const said = [`${PAGE.calendar.tz} \u00b7 ${say("rows_behind", { rows: count(sum((group) => rows(group.sums) + rows(group.apart))), count: count(PAGE.count) })}`];
  const whole = sum((group) => rows(group.apart));
  if (whole) said.push(say(`whole_${every}`, { rows: count(whole) }));
  if (data.groups.some((group) => !FACTS.includes(of(group, "basis")) && of(group, "unit") !== "(none)")) said.push(say("estimated"));
  const unknown = unknownRows(every);
  if (unknown) said.push(say("unknown", { rows: count(unknown) }));
  const left = [...PAGE.left_out, ...(data.cut ? [say("cut", { rows: count(data.cut) })] : [])];
  leftOut.replaceChildren(...left.map((line) => el("p", {}, line)));
  status.replaceChildren(...said.map((line) => el("p", {}, line)));
}

// How many rows are in spans of which a quantity or an amount is not known in full.
function unknownRows(every) {
  if (!UNKNOWNS) return 0;
  const data = added(state.filter, every, [...new Set([state.boards.use.group, "meter", "basis", "unit", "currency"])]);
  let found = 0;
  for (const { group, rows, value } of rowsOf(data)) {
    const lacks = (label, measure) => valueOf(data, group, label) !== "(none)" && value(measure) === null;
    if (lacks("unit", "quantity") || lacks("currency", "amount")) found += rows;
  }
  return found;
}

function begin() {
  const place = document.getElementById("live");
  place.replaceChildren(
    el("div", { class: "filters" }, el("div", { class: "selectors" }, ...Object.values(CHOICES).map((one) => one.control)),
      ...Object.values(CHOICES).map((one) => one.list),
      el("div", { class: "periods" }, ...PERIOD.controls, field(say("granularity"), granularity), wayUp)),
    trail, leftOut, change, message, ...BOARDS.map((one) => one.section), status, TIP);
  document.getElementById("still").remove();
  place.hidden = false;
  state.draw();
  const redraw = (width) => {
    paper = width;
    for (const one of BOARDS) one.redraw();
  };
  addEventListener("beforeprint", () => redraw(700));
  addEventListener("afterprint", () => redraw(0));
  let wide = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === wide) return;
    wide = innerWidth;
    redraw(0);
  });
}

begin();
