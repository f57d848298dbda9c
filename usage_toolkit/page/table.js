// The table behind a chart: its first rows, every digit of them.

const MOST_ROWS = 200;

const countRows = (rows) => (rows === 1 ? say("one_row") : say("count_rows", { count: count(rows) }));

function table(data, every, filter) {
  const names = ["time", ...data.by.filter((label) => !["unit", "currency", "basis"].includes(label)), "quantity", "unit",
    ...(data.no.includes("amount") ? [] : ["amount", "currency"]), "basis", "rows"];
  const numbers = new Set(["quantity", "amount", "rows"]);
  const whole = say("all_of", { period: periodName(filter) });
  const text = ({ group, time, rows, value }, name) => {
    if (name === "time") return time < 0 ? whole : longName(every, time);
    if (name === "rows") return count(rows);
    if (name in PAGE.scales) {
      const found = value(name);
      return found === null ? "\u2013" : written(found, PAGE.scales[name]);
    }
    const of = valueOf(data, group, name);
    return of === "(none)" && (name === "unit" || name === "currency") ? "\u2013" : nameOf(name, of);
  };
  const all = countOf(data);
  const said = all > MOST_ROWS ? say("first_rows", { most: MOST_ROWS, count: count(all) }) : countRows(all);
  const kindOfCell = (name) => ({ class: numbers.has(name) ? "number" : null });
  const body = [];
  for (const one of rowsOf(data)) {
    if (body.length === MOST_ROWS) break;
    body.push(el("tr", {}, ...names.map((name) => el("td", kindOfCell(name), text(one, name)))));
  }
  return el("table", {}, el("caption", {}, said),
    el("thead", {}, el("tr", {}, ...names.map((name) => el("th", { scope: "col", ...kindOfCell(name) }, PAGE.columns[name] ?? name)))),
    el("tbody", {}, ...body));
}
