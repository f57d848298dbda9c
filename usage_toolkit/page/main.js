// The page: one filter, its boards, and the way down into a day and up again.

const REPORTING = new Set(REFUSED.map((one) => PAGE.codes.provider[one.provider]));
const NOTHING_CHOSEN = Object.fromEntries(Object.keys(PAGE.filter).map((name) => [name, null]));
const ALL = added(NOTHING_CHOSEN, "1d", ["meter", "basis", "unit", "currency"], DAILY);
const ALL_TOTALS = totals(ALL);
const KNOWN_MONEY = moneys(ALL);

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

  open(bar, every, behind) {
    if (FINER[every] === "1h" && !resolves({ ...this.filter, start: bar.start, stop: bar.stop }, behind)) {
      tell(say("hours_closed", { bar: bar.name }));
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
    const found = new Set(SHOWN.rows.map((row) => valueOf(SHOWN, row, "provider")));
    if (found.size) return [...found].sort();
    return this.filter.provider ?? PAGE.codes.provider;
  },

  draw() {
    hideTip();
    tell("");
    const span = reach(this.filter);
    SHOWN = added(this.filter, "1d", ["provider", "meter", "basis", "unit", "currency"], cellsFor(this.filter, "1d"));
    const context = { span, offered: moneys(SHOWN) };
    this.offers = offers(this.filter);
    for (const one of Object.values(CHOICES)) one.show(this.offers);
    PERIOD.show();
    offer(granularity, [["auto", say("auto")], ...SPANS.map((name) => [name, say(`span_${name}`)])], this.every);
    const drawn = BOARDS.map((one) => one.draw(context));
    const { data, every } = drawn[order.indexOf("use")];
    crumbs();
    notes(data, every);
    if (this.every === "auto" || this.every === every) return;
    const legible = span && fitting(span, this.every) === this.every;
    const told = { asked: say(`spans_${this.every}`), bars: say(`spans_${every}`) };
    tell(say(legible ? "coarser_rows" : "coarser_bars", told));
  },
};
let SHOWN = { rows: [], by: [] };

const granularity = el("select", { onchange: () => { state.every = granularity.value; state.draw(); } });
const wayUp = el("button", { type: "button", onclick: () => state.up() }, say("up"));
const heading = el("b", { "aria-current": "true", tabindex: "-1" });
const trail = el("nav", { class: "crumbs" });
const message = el("div", { class: "message", role: "alert", hidden: true });
const status = el("div", { class: "status", role: "status" });
const leftOut = el("div", { class: "left-out" });
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
  const sum = (test) => data.rows.reduce((rows, row) => rows + (test(row) ? row.rows : 0), 0);
  const of = (row, label) => valueOf(data, row, label);
  const said = [`${PAGE.calendar.tz} \u00b7 ${say("rows_behind", { rows: count(sum(() => true)), count: count(PAGE.count) })}`];
  const whole = sum((row) => row.time < 0);
  if (whole) said.push(say("whole", { rows: count(whole) }));
  if (data.rows.some((row) => !FACTS.includes(of(row, "basis")) && of(row, "unit") !== "(none)")) said.push(say("estimated"));
  const unknown = sum((row) => (of(row, "unit") !== "(none)" && row.quantity === null) || (of(row, "currency") !== "(none)" && row.amount === null));
  if (unknown) said.push(say("unknown", { rows: count(unknown) }));
  const left = [...PAGE.left_out, ...(data.cut ? [say("cut", { rows: count(data.cut) })] : [])];
  leftOut.replaceChildren(...left.map((line) => el("p", {}, line)));
  status.replaceChildren(...said.map((line) => el("p", {}, line)));
}

function begin() {
  const place = document.getElementById("live");
  place.replaceChildren(
    el("div", { class: "filters" }, el("div", { class: "selectors" }, ...Object.values(CHOICES).map((one) => one.control)),
      ...Object.values(CHOICES).map((one) => one.list),
      el("div", { class: "periods" }, ...PERIOD.controls, field(say("granularity"), granularity), wayUp)),
    trail, leftOut, message, ...BOARDS.map((one) => one.section), status, TIP);
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
