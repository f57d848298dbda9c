// The boards of the page: what they add up and by what, and how they show it.

function board(kind, state) {
  const title = el("h2", { id: `${kind}-title` });
  const tiles = el("div", { class: "numbers" });
  const drawing = el("div", { class: "chart" });
  const view = chart(drawing);
  const legend = el("div", { class: "legend" });
  const guess = el("p", { class: "outlook", title: say("outlook_how"), hidden: true });
  const rows = el("div", { class: "table" });
  const summary = el("summary");
  const behind = el("details", { ontoggle: () => show() }, summary, rows);
  const group = el("select", { onchange: () => change({ group: group.value }) });
  const money = el("select", { onchange: () => change({ currency: money.value }) });
  const separator = el("select", {}, el("option", { value: "," }, say("csv_commas")), el("option", { value: ";" }, say("csv_semicolons")));
  const save = el("button", { type: "button", title: say("csv_title"), onclick: () => keep(...file()) }, say("csv"));
  const groupOf = kind === "limited" ? "limit" : null;
  const choices = el("div", { class: "choices" },
    kind === "cost" ? field(PAGE.columns.currency, money) : null, groupOf ? null : field(say("group"), group));
  const below = el("div", { class: "behind" }, behind, el("div", { class: "save" }, field(say("csv_with"), separator), save));
  const section = el("section", { class: "board", id: kind, "aria-labelledby": `${kind}-title` },
    el("div", { class: "bar" }, title, choices), tiles, guess, drawing, legend, below);
  let shown = null;

  const change = (choice_) => {
    Object.assign(state.boards[kind], choice_);
    state.draw();
  };
  const groupName = () => groupOf ?? state.boards[kind].group;
  const by = () => (kind === "limited" ? LIMITED_BY : [...new Set([groupName(), "meter", "basis", "unit", "currency"])]);
  const whole = () => ({ ...added(state.filter, shown.every, by(), levels()), no: kind === "limited" ? ["amount", "amount_usd"] : [] });
  const levels = () => (kind === "limited" ? REFUSED : USE);
  const file = () => [fileName(kind === "use" ? "usage" : kind === "cost" ? "cost" : "rate-limited", groupName(), state.filter),
    csv(whole(), separator.value)];

  // Draws what is chosen now: `sums` is of what period and what before it, `offered` the money there is.
  function draw({ span, offered, now, then, sums, compared, providers }) {
    const asked = state.boards.cost.currency;
    const all = kind === "cost" ? offered : [];
    const chosen = all.find((one) => one.key === asked) ?? KNOWN_MONEY.find((one) => one.key === asked) ?? all[0];
    const drawn = kind === "use" ? TOKENS : kind === "limited" ? REQUESTS : chosen && drawnMoney(chosen);
    const every = fineness(state, span, behindOf(drawn));
    const data = added(state.filter, every, by(), levels(), [drawn?.measure]);
    shown = { data, every, span, drawn, money: chosen };
    title.replaceChildren(...(kind === "cost" && chosen ? [swatch(PAGE.colours.basis[chosen.basis], "mark")] : []), heading());
    offer(group, GROUPS.map((label) => [label, label === "meter" && kind === "use" ? say("token_kind") : PAGE.columns[label]]), groupName());
    if (kind === "cost") {
      const listed_ = chosen && !all.includes(chosen) ? [...all, chosen] : all;
      offer(money, listed_.map((one) => [one.key, basedName(one)]), chosen?.key ?? "");
      money.disabled = !listed_.length;
    }
    if (kind === "use") tiles.replaceChildren(...usageTiles(now, then, ALL_TOTALS, compared));
    if (kind === "cost") tiles.replaceChildren(...moneyTiles(now, then, ALL_TOTALS, drawn, sums, compared));
    const said = kind === "cost" ? outlook(state.filter, chosen, providers) : "";
    guess.hidden = !said;
    guess.replaceChildren(swatch(PAGE.colours.basis.estimated, "mark"), said);
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

  const textOf = (value) => (shown.drawn.measure === "quantity" ? exactCount(value, shown.drawn.unit)
    : `${written(value, PAGE.scales.amount, cents(shown.drawn.unit))} ${basedName(shown.drawn)}`);
  const glance = (value) => (shown.drawn.measure === "quantity" ? counted(value) : shortOf(value, shown.drawn.unit));

  function picture() {
    const { data, every, span, drawn } = shown;
    const list = span ? bars(span, every) : [];
    const from = list.length ? list[0].place - data.from : 0;
    const kinds = (drawn ? heights(data, groupName(), drawn) : [])
      .map((one) => ({ ...one, up: one.up.subarray(from, from + list.length), down: one.down.subarray(from, from + list.length) }));
    const many = list.length > (every === "1m" ? 60 : 25);
    const made = list.map(({ place, start, stop }) => ({ key: keyName(every, place), name: longName(every, place), short: shortName(every, place, many), start, stop }));
    const parts = (at) => kinds.flatMap(({ name, colour, signed: own }) => own.at(from + at).map((value) => ({ name, colour, value })))
      .filter(({ value }) => value);
    const told = (at) => parts(at).map(({ name, colour, value }) => ({ name, colour, text: value < 0n ? say("credit", { amount: textOf(value) }) : textOf(value) })).reverse();
    const all = kinds.length ? kinds.reduce((sums, { signed: own }) => sums.join(own), new Signed(drawn.measure, kinds[0].signed.slots)) : null;
    const sum = (at) => (all ? all.sum(from + at) : 0n);
    const filled = kinds.some(({ up, down }) => up.some(Boolean) || down.some(Boolean));
    const finer = FINER[every];
    view.draw({
      bars: made, kinds, empty: filled ? "" : nothing(), description: say("over_time", { what: title.textContent }), told,
      brief: (at) => `${made[at].name}: ${textOf(sum(at))}`,
      said: (at) => [made[at].name, ...told(at).map((part) => `${part.name}: ${part.text}`)].join("; "),
      open: finer ? (at) => state.open(made[at], every, { behind: behindOf(drawn), money: kind === "cost" && shown.money }) : null,
    });
    legend.replaceChildren(...kinds.map(({ name, colour, total }) => el("span", { class: "kind", title: textOf(total) },
      swatch(colour), el("span", { class: "name" }, name), el("b", {}, glance(total)))));
    if (kind !== "limited") return;
    tiles.replaceChildren(refusedTold(data, made, sum, every, state));
    drawing.hidden = !filled;
    below.hidden = !data.groups.length;
  }

  function nothing() {
    if (!shown.data.groups.length) return say(kind === "limited" ? "limited_none" : "nothing");
    if (kind === "use") return say("no_tokens");
    if (kind === "limited") return say("limited_none");
    return shown.drawn ? say("no_such_money", { money: fullName(shown.money) }) : say("no_money");
  }

  function show() {
    summary.textContent = say("behind", { rows: countRows(countOf(shown.data)) });
    rows.replaceChildren(...(behind.open ? [table(whole(), shown.every, state.filter)] : []));
  }

  const redraw = () => {
    view.resized();
    picture();
  };

  return { section, draw, redraw };
}

const LIMITED_BY = ["provider", "model", "api_key", "limit", "basis", "unit"].filter(
  (label) => !["model", "api_key"].includes(label) || PAGE.selectors.includes(label));

// How many requests were refused and when most, or why that is not known.
function refusedTold(data, made, sum, every, state) {
  const counts = [...rowsOf(data)].filter(({ group }) => valueOf(data, group, "unit") === "request");
  const silent = state.providers().filter((name) => !REPORTING.has(name));
  const total = counts.reduce((all, one) => plus(all, one.value("quantity")), 0n);
  const outside = counts.filter(({ time }) => time < 0).reduce((all, one) => plus(all, one.value("quantity")), 0n);
  const write = (value) => written(value, PAGE.scales.quantity);
  const said = [];
  if (!counts.length && silent.length < state.providers().length) said.push(say("limited_none"));
  else if (total === null) said.push(say("limited_unknown"));
  else if (counts.length) {
    const sums = made.map((_, at) => sum(at));
    const most = sums.reduce((best, value, at) => (value > sums[best] ? at : best), 0);
    const counted_ = say("limited_count", { count: write(total) });
    said.push(sums.filter(Boolean).length > 1
      ? say("limited_most", { said: counted_, span: PAGE.spans[every], most: write(sums[most]), when: made[most].name }) : counted_);
  }
  if (silent.length) said.push(say("limited_silent", { providers: silent.map((name) => nameOf("provider", name)).join(", ") }));
  if (outside) said.push(say("limited_outside", { count: write(outside) }));
  return el("div", { class: "told", "data-count": total === null ? "" : plain(total, PAGE.scales.quantity) }, ...said.map((line) => el("p", {}, line)));
}
