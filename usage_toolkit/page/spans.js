// Bars: when they begin, how fine they are, and what they are called. The calendar comes with the page.

const HOUR = 3600000;
const LONGEST = 400 * 24 * HOUR;
const MOST_BARS = 800;
const MINUTE = 60000;
const LENGTHS = { "1m": MINUTE, "1h": HOUR, "1d": 24 * HOUR, "1w": 168 * HOUR };
const SPANS = ["1m", "1h", "1d", "1w", "1mo"].filter((every) => every in PAGE.calendar.starts);
const FINER = { "1mo": "1d", "1w": "1d", "1d": "1h", "1h": "1m" };

function* listed(text) {
  for (const part of text.split(" ")) {
    const [value, again] = part.split("*");
    for (let left = again ? Number(again) : 1; left; left -= 1) yield value;
  }
}

const STARTS = Object.fromEntries(SPANS.map((every) => {
  let at = 0;
  return [every, Float64Array.from(listed(PAGE.calendar.starts[every]), (step) => (at += Number(step)))];
}));
const DAYS = new Map([...STARTS["1d"], PAGE.calendar.stop].map((start, day) => [start, day]));

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

// The place of the last start that is not after a moment.
function placeOf(every, moment) {
  return Math.max(0, lower(STARTS[every], (start) => start > moment) - 1);
}

const isEdge = (every, moment) => moment === PAGE.calendar.stop || STARTS[every][placeOf(every, moment)] === moment;

const known = {};
// In which bar each minute, hour or day lies.
function barsOf(span, every) {
  return (known[span + every] ??= Int32Array.from(STARTS[span], (start) => placeOf(every, start)));
}

const startOf = (every, place) => STARTS[every][place] ?? PAGE.calendar.stop;

// From where to where bars reach: as asked, else as far as there are rows, in whole days or months.
function reach({ start, stop }) {
  if (start !== null && stop !== null && stop - start <= LONGEST) return [start, stop];
  const days = [STARTS["1d"][PAGE.first], startOf("1d", PAGE.last + 1)];
  const long = start === null && stop === null && days[1] - days[0] > LONGEST + 24 * HOUR;
  const ends = long ? [startOf("1mo", placeOf("1mo", days[0])), startOf("1mo", placeOf("1mo", days[1] - 1) + 1)] : days;
  const from = Math.max(start ?? ends[0], ends[0]);
  const to = Math.min(stop ?? ends[1], ends[1]);
  return from < to ? [from, to] : null;
}

// How fine bars are: the finest that are not too many to read, or as asked as far as that can be read.
function fitting([start, stop], asked) {
  const long = stop - start;
  if (asked === "auto") {
    const every = long <= HOUR ? "1m" : long <= 25 * HOUR ? "1h" : long <= LONGEST ? "1d" : "1mo";
    return SPANS.includes(every) ? every : SPANS[0];
  }
  return SPANS.slice(Math.max(0, SPANS.indexOf(asked))).find((every) => every in LENGTHS && long <= MOST_BARS * LENGTHS[every]) ?? "1mo";
}

// The bars of a period, also those with nothing in them.
function bars([start, stop], every) {
  const made = [];
  for (let place = placeOf(every, start); place < STARTS[every].length && STARTS[every][place] < stop; place += 1) {
    made.push({ place, start: Math.max(STARTS[every][place], start), stop: Math.min(startOf(every, place + 1), stop) });
  }
  return made;
}

function ahead(moment) {
  const { offsets } = PAGE.calendar;
  return offsets[Math.max(0, lower(offsets, ([since]) => since > moment) - 1)][1];
}

// An instant as ISO 8601 in the page's zone.
function iso(moment, withOffset = true) {
  const seconds = ahead(moment);
  const local = new Date(moment + seconds * 1000).toISOString().slice(0, 19);
  return withOffset ? local + offsetText(seconds) : local;
}

function offsetText(seconds) {
  const minutes = Math.abs(seconds) / 60;
  const two = (number) => String(Math.trunc(number)).padStart(2, "0");
  return `${seconds < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

// Hours and minutes; the offset too where clocks show that time twice.
function clock(moment) {
  const here = ahead(moment);
  const twice = [-1, 1].some((way) => {
    const there = ahead(moment + way * 3 * HOUR);
    return there !== here && ahead(moment + (here - there) * 1000) === there;
  });
  return iso(moment, false).slice(11, 16) + (twice ? offsetText(here) : "");
}

const dayName = (moment, list = "long") => PAGE.calendar[list][placeOf("1d", moment)];

// Keeps what is worked out for a bar: there are hundreds, and they come again.
function kept(make) {
  const found = new Map();
  return (every, place) => {
    const key = every + place;
    if (!found.has(key)) found.set(key, make(every, place));
    return found.get(key);
  };
}

const longName = kept((every, place) => named(every, place));
const keyName = kept((every, place) => iso(startOf(every, place), false));

function named(every, place) {
  const start = startOf(every, place);
  if (every === "1mo") return PAGE.calendar.months[place];
  if (every === "1w") return `${dayName(start, "short")} \u2013 ${dayName(startOf("1w", place + 1) - 1)}`;
  return every === "1d" ? dayName(start) : `${dayName(start)}, ${clock(start)}`;
}

function shortName(every, place, many) {
  const start = startOf(every, place);
  if (every === "1mo") return PAGE.calendar.months[place];
  return LENGTHS[every] < LENGTHS["1d"] && !many ? clock(start) : dayName(start, "short");
}

// What a period is: all, a month, a day, a range of days, or exact.
function kindOf({ start, stop }) {
  if (start === null && stop === null) return "all";
  if (![start, stop].every((end) => end === null || DAYS.has(end))) return "exact";
  if (start === null || stop === null) return "range";
  const month = placeOf("1mo", start);
  if (startOf("1mo", month) === start && startOf("1mo", month + 1) === stop) return "month";
  return startOf("1d", DAYS.get(start) + 1) === stop ? "day" : "range";
}

function periodName(period) {
  const { start, stop } = period;
  const kind = kindOf(period);
  if (kind === "all") return say("all");
  if (kind === "month") return PAGE.calendar.months[placeOf("1mo", start)];
  if (kind === "day") return dayName(start);
  const exact = kind === "exact";
  if (exact && start !== null && stop !== null && dayName(start) === dayName(stop - 1)) {
    return say("between", { first: `${dayName(start)}, ${clock(start)}`, last: clock(stop) });
  }
  const named = (end, inside) => (exact ? `${dayName(end)}, ${clock(end)}` : dayName(inside));
  const first = start === null ? null : named(start, start);
  const last = stop === null ? null : named(stop, stop - 1);
  if (first && last) return say("from_to", { first, last });
  return first ? say("from_", { first }) : say("to_", { last });
}

// The day around hours, the month around days of one month, all time around anything else.
function wider({ start, stop }) {
  if (start === null || stop === null) return { start: null, stop: null };
  for (const every of ["1d", "1mo"]) {
    const place = placeOf(every, start);
    const around = { start: startOf(every, place), stop: startOf(every, place + 1) };
    if (around.start <= start && stop <= around.stop && (around.start !== start || around.stop !== stop)) return around;
  }
  return { start: null, stop: null };
}
