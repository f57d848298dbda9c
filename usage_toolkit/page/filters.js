// What is chosen: a value or several of each label, and a period. A choice offers only what the others leave.

function choice(label, state) {
  const boxes = el("div", { class: "boxes" });
  const done = el("button", { type: "button", onclick: () => close() }, say("done"));
  const list = el("fieldset", { class: "several", hidden: true }, el("legend", {}, PAGE.columns[label]),
    el("div", { class: "several-top" }, el("span", {}, say("tick")), done), boxes);
  const menu = el("select", { onchange: () => pick(menu.value) });
  const close = () => {
    list.hidden = true;
    menu.focus();
  };

  function pick(key) {
    if (key === "several") {
      list.hidden = false;
      show(state.offers);
      boxes.querySelector("input")?.focus();
    } else if (key !== "chosen") {
      list.hidden = true;
      state.choose({ [label]: key === "all" ? null : [PAGE.codes[label][Number(key)]] });
    }
  }

  function tick() {
    const ticked = [...boxes.querySelectorAll("input:checked")].map((box) => PAGE.codes[label][Number(box.value)]);
    state.choose({ [label]: ticked.length ? ticked : null });
  }

  function show(offers) {
    const now = state.filter[label];
    const codes = [...new Set([...offers[label].keys(), ...(now ?? []).map((value) => code(label, value))])].sort((a, b) => a - b);
    const said = (at) => `${PAGE.called[label][at]} (${count(offers[label].get(at) ?? 0)})`;
    const many = now && now.length > 1 ? [["chosen", now.map((value) => nameOf(label, value)).join(", ")]] : [];
    offer(menu, [["all", say(`all_${label}`)], ...many, ...codes.map((at) => [String(at), said(at)]),
      ...(codes.length > 1 ? [["several", say("several")]] : [])],
    many.length ? "chosen" : now ? String(code(label, now[0])) : "all");
    if (list.hidden) return;
    const focused = document.activeElement?.value;
    boxes.replaceChildren(...codes.map((at) => {
      const box = el("input", { type: "checkbox", value: at, onchange: tick });
      box.checked = Boolean(now?.includes(PAGE.codes[label][at]));
      return el("label", {}, box, el("span", {}, said(at)));
    }));
    if (focused) [...boxes.querySelectorAll("input")].find((box) => box.value === focused)?.focus();
  }

  return { control: field(PAGE.columns[label], menu), list, show };
}

function periodChoice(state) {
  const kinds = [["all", say("all")], ["month", say("month")], ["day", say("day")], ["range", say("range")]];
  const kind = el("select", { onchange: () => pick(kind.value) });
  const month = el("select", { onchange: () => set("1mo", Number(month.value)) });
  const first = el("input", { type: "date", onchange: () => range(first) });
  const last = el("input", { type: "date", onchange: () => range(last) });
  const [back, on] = [-1, 1].map((way) => el("button", { type: "button", class: "step", onclick: () => step(way) }, way < 0 ? "\u2039" : "\u203a"));
  const parts = { month: field(say("month"), month), first: field(say("from"), first), last: field(say("to"), last) };
  const dayOf = (text) => STARTS["1d"].findIndex((start) => iso(start, false).slice(0, 10) === text);
  let ranged = false;

  const set = (every, place) => state.choose({ start: startOf(every, place), stop: startOf(every, place + 1) });
  const days = (from, to) => state.choose({ start: startOf("1d", from), stop: startOf("1d", to + 1) });

  function pick(asked) {
    ranged = asked === "range";
    const to = state.filter.stop === null ? PAGE.last : Math.min(PAGE.last, placeOf("1d", state.filter.stop - 1));
    const from = state.filter.start === null ? PAGE.first : placeOf("1d", state.filter.start);
    if (asked === "all") state.choose({ start: null, stop: null });
    else if (asked === "month") set("1mo", placeOf("1mo", startOf("1d", to)));
    else if (asked === "day") set("1d", to);
    else if (asked === "range") days(Math.min(from, to), to);
  }

  function range(moved) {
    const [from, to] = [dayOf(first.value), dayOf(last.value)];
    if (from < 0 || to < 0) show();
    else if (kind.value === "day") days(from, from);
    else if (from <= to) days(from, to);
    else days(...(moved === first ? [from, from] : [to, to]));
  }

  const step = (way) => state.choose(stepped(state.filter, way));

  function show() {
    const now = kindOf(state.filter);
    const said = ranged && (now === "month" || now === "day") ? "range" : now;
    offer(kind, now === "exact" ? [...kinds, ["exact", say("exact")]] : kinds, said);
    const chosen = state.filter.start === null ? 0 : placeOf("1mo", state.filter.start);
    const [oldest, newest] = [PAGE.first, PAGE.last].map((day) => placeOf("1mo", startOf("1d", day)));
    const months = PAGE.calendar.months.map((name, at) => [String(at), name]);
    offer(month, months.filter((_, at) => (at >= oldest && at <= newest) || at === chosen), String(chosen));
    parts.month.hidden = said !== "month";
    parts.first.hidden = said !== "range" && said !== "day";
    parts.last.hidden = said !== "range";
    parts.first.querySelector("label").textContent = said === "day" ? say("day") : say("from");
    const { start, stop } = state.filter;
    const [from, to] = [start ?? startOf("1d", PAGE.first), stop ?? startOf("1d", PAGE.last + 1)];
    first.value = iso(from, false).slice(0, 10);
    last.value = iso(to - 1, false).slice(0, 10);
    for (const input of [first, last]) {
      input.min = iso(STARTS["1d"][0], false).slice(0, 10);
      input.max = iso(PAGE.calendar.stop - 1, false).slice(0, 10);
    }
    const closed = start === null || stop === null;
    for (const [button, way] of [[back, -1], [on, 1]]) {
      const next = closed ? null : stepped(state.filter, way);
      button.hidden = closed;
      button.disabled = closed || (way < 0 ? next.start === null || next.stop <= startOf("1d", PAGE.first) : next.start >= startOf("1d", PAGE.last + 1) || next.stop > PAGE.calendar.stop);
      button.title = say(`${way < 0 ? "previous" : "next"}_${["month", "day"].includes(now) ? now : "period"}`);
      button.setAttribute("aria-label", button.title);
    }
  }

  return { controls: [field(say("period"), kind), back, parts.month, parts.first, parts.last, on], show };
}
