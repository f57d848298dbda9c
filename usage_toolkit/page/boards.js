// The boards of the page: what they add up and by what, and how they show it.

const MOST_ROWS = 200;
const GROUPS = ["model", "meter", "api_key", "workspace", "user", "provider"].filter(
  (label) => label === "meter" || PAGE.selectors.includes(label));
const TOKENS = { measure: "quantity", unit: "token", bases: FACTS, meters: new Set(PAGE.order.meter.slice(0, 6)) };

const basedName = ({ unit, basis }) => {
  const named = nameOf("currency", unit);
  return basis === "billed" ? named : `${named} (${nameOf("basis", basis)})`;
};

const fullName = ({ unit, basis }) => say(`based_${basis}`, { amount: nameOf("currency", unit) });

// Each kind of money in some cells, what is worth most US dollars first, as the panel offers them.
function moneys(data) {
  const found = new Map();
  for (const row of data.rows) {
    const [unit, basis] = ["currency", "basis"].map((label) => valueOf(data, row, label));
    if (unit === "(none)") continue;
    const key = basis === "billed" ? unit : `${unit} (${basis})`;
    const worth = row.amount_usd ?? (unit === "USD" ? row.amount : null) ?? 0n;
    found.set(key, { key, unit, basis, size: (found.get(key)?.size ?? 0n) + worth });
  }
  const rank = (one) => [-near(size(one.size), PAGE.scales.amount_usd), one.basis !== "billed", one.unit !== "USD", one.key];
  const before = (a, b) => { // compares place by place
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((part, place) => part !== right[place]);
    return at < 0 ? 0 : left[at] < right[at] ? -1 : 1;
  };
  return [...found.values()].sort(before);
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
  return every === "1h" && !resolves(filter, behind) ? "1d" : every;
}

// Whether any row that is kept can be drawn in hours, or there is none.
function resolves(filter, behind) {
  if (!SPANS.includes("1h")) return false;
  const kept = keeps(filter);
  const found = FINE.filter((one) => {
    const [first, last] = kept(one) && behind(one) ? within(one, filter) : [0, 0];
    return first < last;
  });
  return !found.length || found.some((one) => one.span === "1h");
}

// What is drawn of a frame: the rows that may stand on each other, by bar and value of the group, the smallest in one.
function heights(data, group, drawn) {
  const of = drawn.measure === "quantity" ? "unit" : "currency";
  const kept = data.rows.filter((row) => row.time >= 0 && row[drawn.measure] !== null
    && valueOf(data, row, of) === drawn.unit && drawn.bases.includes(valueOf(data, row, "basis"))
    && (!drawn.meters || drawn.meters.has(valueOf(data, row, "meter"))));
  const sizes = new Map();
  for (const row of kept) {
    const name = valueOf(data, row, group);
    sizes.set(name, (sizes.get(name) ?? 0n) + size(row[drawn.measure]));
  }
  const meters = PAGE.order.meter;
  const ranked = [...sizes.keys()].sort((a, b) => group === "meter" ? meters.indexOf(a) - meters.indexOf(b)
    : (sizes.get(b) > sizes.get(a)) - (sizes.get(b) < sizes.get(a)) || (a < b ? -1 : 1));
  const all = ranked.filter((name) => group === "meter" || name !== "(other)");
  const own = group === "meter" ? all : all.slice(0, PAGE.most);
  const rest = ranked.filter((name) => !own.includes(name));
  const kinds = own.map((name, at) => ({ name: nameOf(group, name),
    colour: group === "meter" ? PAGE.colours.meter[name] : PAGE.colours.palette[at] ?? PAGE.colours.rest }));
  if (rest.length) kinds.push({ name: PAGE.phrases.other, colour: PAGE.colours.rest });
  const bars = new Map();
  for (const row of kept) {
    const at = own.indexOf(valueOf(data, row, group));
    const series = at < 0 ? own.length : at;
    const key = series * 2 + (row[drawn.measure] < 0n);
    const parts = bars.get(row.time) ?? bars.set(row.time, new Map()).get(row.time);
    parts.set(key, (parts.get(key) ?? 0n) + row[drawn.measure]);
    kinds[series].total = (kinds[series].total ?? 0n) + row[drawn.measure];
  }
  return { kinds, bars };
}

function board(kind, state) {
  const title = el("h2", { id: `${kind}-title` });
  const tiles = el("div", { class: "numbers" });
  const drawing = el("div", { class: "chart" });
  const legend = el("div", { class: "legend" });
  const rows = el("div", { class: "table" });
  const summary = el("summary");
  const behind = el("details", { ontoggle: () => show() }, summary, rows);
  const group = el("select", { onchange: () => change({ group: group.value }) });
  const money = el("select", { onchange: () => change({ currency: money.value }) });
  const separator = el("select", {}, el("option", { value: "," }, say("csv_commas")), el("option", { value: ";" }, say("csv_semicolons")));
  const save = el("button", { type: "button", title: say("csv_title"), onclick: () => keep(...file()) }, say("csv"));
  const note = el("p", { class: "note" });
  const groupOf = kind === "limited" ? "limit" : null;
  const choices = el("div", { class: "choices" },
    kind === "cost" ? field(PAGE.columns.currency, money) : null, groupOf ? null : field(say("group"), group));
  const section = el("section", { class: "board", id: kind, "aria-labelledby": `${kind}-title` },
    el("div", { class: "bar" }, title, choices), tiles, drawing, legend, note,
    el("div", { class: "behind" }, behind, el("div", { class: "save" }, field(say("csv_with"), separator), save)));
  let shown = null;

  const change = (choice) => {
    Object.assign(state.boards[kind], choice);
    state.draw();
  };
  const groupName = () => groupOf ?? state.boards[kind].group;
  const file = () => [fileName(kind === "use" ? "usage" : kind === "cost" ? "cost" : "rate-limited", groupName(), state.filter),
    csv(shown.data, shown.every, separator.value)];

  function draw({ span, offered }) {
    const asked = state.boards.cost.currency;
    const all = kind === "cost" ? offered : [];
    const money_ = all.find((one) => one.key === asked) ?? KNOWN_MONEY.find((one) => one.key === asked) ?? all[0];
    const drawn = kind === "use" ? TOKENS : kind === "limited" ? REQUESTS : money_ && drawnMoney(money_);
    const every = fineness(state, span, behindOf(drawn));
    const cells = kind === "limited" ? cellsFor(state.filter, every, REFUSED, REFUSED_DAILY) : cellsFor(state.filter, every);
    const by = kind === "limited" ? ["provider", "model", "api_key", "limit", "basis", "unit"]
      : [...new Set([groupName(), "meter", "basis", "unit", "currency"])];
    const data = added(state.filter, every, by, cells);
    data.no = kind === "limited" ? ["amount", "amount_usd"] : [];
    const found = kind === "limited" ? [] : totals(data);
    shown = { data, every, span, drawn, money: money_ };
    title.textContent = heading();
    offer(group, GROUPS.map((label) => [label, label === "meter" && kind === "use" ? say("token_kind") : PAGE.columns[label]]), groupName());
    if (kind === "cost") {
      const listed_ = money_ && !all.includes(money_) ? [...all, money_] : all;
      offer(money, listed_.map((one) => [one.key, basedName(one)]), money_?.key ?? "");
      money.disabled = !listed_.length;
    }
    tiles.replaceChildren(...(kind === "use" ? usageTiles(found, ALL_TOTALS) : kind === "cost" ? moneyTiles(found, drawn && { unit: drawn.unit, basis: drawn.basis }) : refusedTiles()));
    picture();
    show();
    return { data, every };
  }

  function heading() {
    const per = (what) => say(`per_${shown.every}`, { what });
    if (kind === "limited") return per(say("limited"));
    if (kind === "use") return per(say("tokens"));
    return per(say("cost")) + (shown.money ? `, ${fullName(shown.money)}` : "");
  }

  function refusedTiles() {
    const counts = shown.data.rows.filter((row) => valueOf(shown.data, row, "unit") === "request");
    const silent = state.providers().filter((name) => !REPORTING.has(name));
    const total = counts.reduce((sum, row) => plus(sum, row.quantity), 0n);
    const said = [];
    if (!counts.length && silent.length < state.providers().length) said.push(say("limited_none"));
    else if (total === null) said.push(say("limited_unknown"));
    else if (counts.length) said.push(say("limited_count", { count: written(total, PAGE.scales.quantity) }));
    if (silent.length) said.push(say("limited_silent", { providers: silent.map((name) => nameOf("provider", name)).join(", ") }));
    return [el("p", { class: "told", "data-count": total === null ? "" : plain(total, PAGE.scales.quantity) }, said.join(". "))];
  }

  const textOf = (value) => shown.drawn.measure === "quantity"
    ? `${written(value, PAGE.scales.quantity)} ${unitOf(shown.drawn.unit, value, PAGE.scales.quantity)}`
    : `${written(value, PAGE.scales.amount, cents(shown.drawn.unit))} ${nameOf("currency", shown.drawn.unit)}`;

  const glance = (value) => shown.drawn.measure === "quantity" ? counted(value)
    : shortMoney(value, PAGE.scales.amount, cents(shown.drawn.unit));

  function picture() {
    const { data, every, span, drawn } = shown;
    const { kinds, bars: filled } = drawn ? heights(data, groupName(), drawn) : { kinds: [], bars: new Map() };
    const list = span ? bars(span, every) : [];
    const many = list.length > 25;
    const made = list.map(({ place, start, stop }) => {
      const parts = [...(filled.get(place) ?? new Map())].sort(([a], [b]) => a - b)
        .map(([key, value]) => ({ series: key >> 1, value }));
      const name = longName(every, place);
      const told = parts.map(({ series: at, value }) => ({ name: kinds[at].name, colour: kinds[at].colour,
        text: value < 0n ? say("credit", { amount: textOf(value) }) : textOf(value) })).reverse();
      const said = [name, ...told.map((part) => `${part.name}: ${part.text}`)].join("; ");
      return { key: iso(start, false), name, short: shortName(every, place, many), parts, told, said, start, stop };
    });
    const opens = every !== "1h" && SPANS.includes(FINER[every]);
    const nothing = !data.rows.length ? say("nothing") : kind === "limited" ? say("limited_none") : kind === "use" ? say("no_tokens")
      : drawn ? say("no_such_money", { money: fullName(shown.money) }) : say("no_money");
    const scale = PAGE.scales[drawn ? drawn.measure : "quantity"];
    drawChart(drawing, { bars: made, series: kinds, empty: filled.size ? "" : nothing, scale,
      description: say("over_time", { what: heading() }), open: opens ? (at) => state.open(made[at], every, behindOf(drawn)) : null });
    legend.replaceChildren(...kinds.map(({ name, colour, total }) => el("span", { class: "kind", title: textOf(total) },
      swatch(colour), el("span", { class: "name" }, name), el("b", {}, glance(total)))));
  }

  function show() {
    const { data, every } = shown;
    summary.textContent = say("behind", { rows: countRows(data.rows.length) });
    if (!behind.open) {
      rows.replaceChildren();
      return;
    }
    rows.replaceChildren(table(data, every, state.filter));
  }

  return { section, draw, redraw: () => shown && picture() };
}

const countRows = (rows) => (rows === 1 ? say("one_row") : say("count_rows", { count: count(rows) }));

function table(data, every, filter) {
  const names = ["time", ...data.by.filter((label) => !["unit", "currency", "basis"].includes(label)), "quantity", "unit",
    ...(data.no.includes("amount") ? [] : ["amount", "currency"]), "basis", "rows"];
  const numbers = new Set(["quantity", "amount", "rows"]);
  const whole = say("all_of", { period: periodName(filter) });
  const text = (row, name) => {
    if (name === "time") return row.time < 0 ? whole : longName(every, row.time);
    if (name === "rows") return count(row.rows);
    if (name in PAGE.scales) return row[name] === null ? "\u2013" : written(row[name], PAGE.scales[name]);
    const of = valueOf(data, row, name);
    return of === "(none)" && (name === "unit" || name === "currency") ? "\u2013" : nameOf(name, of);
  };
  const said = data.rows.length > MOST_ROWS ? say("first_rows", { most: MOST_ROWS, count: count(data.rows.length) })
    : countRows(data.rows.length);
  const kindOfCell = (name) => ({ class: numbers.has(name) ? "number" : null });
  return el("table", {}, el("caption", {}, said),
    el("thead", {}, el("tr", {}, ...names.map((name) => el("th", { scope: "col", ...kindOfCell(name) }, PAGE.columns[name] ?? name)))),
    el("tbody", {}, ...data.rows.slice(0, MOST_ROWS).map((row) =>
      el("tr", {}, ...names.map((name) => el("td", kindOfCell(name), text(row, name)))))));
}
