// The table as a file: every digit, and no cell that a spreadsheet takes for a formula.

const MARKS = { ",": ".", ";": "," };
// What begins a formula, also after what a spreadsheet may skip.
const RISKY = /^(?:['\t\r\n]|[\s\p{C}\p{Pi}\p{Pf}"'`]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\uFE66\uFE62\uFE63\uFE6B\u2212])/u;

const harmless = (text) => (RISKY.test(text) ? `'${text}` : text);

function cell(text, separator) {
  if (text === null) return "";
  return text === "" || text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(data, separator) {
  const number = (value, scale) => (value === null ? null : plain(value, scale).replace(".", MARKS[separator]));
  const names = ["time", ...data.by, ...MEASURES, "rows"].filter((name) => !data.no.includes(name));
  const lines = [names];
  for (const { group, time, rows, value } of rowsOf(data)) {
    lines.push(names.map((name) => {
      if (name === "time") return time < 0 ? null : iso(STARTS[data.every][time]);
      if (name === "rows") return String(rows);
      if (name in PAGE.scales) return number(value(name), PAGE.scales[name]);
      return harmless(valueOf(data, group, name));
    }));
  }
  return lines.map((line) => `${line.map((text) => cell(text, separator)).join(separator)}\n`).join("");
}

function fileName(subject, group, filter) {
  const date = (moment) => iso(moment, false).slice(0, kindOf(filter) === "exact" ? 16 : 10).replace(":", ".");
  const ends = reach(filter);
  const said = [subject, ...(filter.provider ?? [])];
  if (ends) {
    const [first, last] = [date(ends[0]), date(ends[1] - 1)];
    said.push(kindOf(filter) === "month" ? first.slice(0, 7) : first === last ? first : `${first}-to-${last}`);
  }
  for (const label of PAGE.selectors) if (label !== "provider" && filter[label]) said.push(`${label}-${filter[label].join("+")}`);
  said.push(`by-${group}`);
  const safe = said.map((part) => part.replace(/[^A-Za-z0-9.@+-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "")).filter(Boolean);
  return `${safe.join("_").slice(0, 90)}.csv`;
}

function keep(name, text) {
  const link = el("a", { download: name, hidden: true });
  link.href = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
