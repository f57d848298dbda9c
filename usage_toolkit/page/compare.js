// The period before the one that is shown: whether the two can be compared, and what has changed since.
// Only closed periods are: one that is still running would always look like a fall.

// The period of the same kind that comes next (1) or came before (-1): a month, as many days, or as long.
function stepped({ start, stop }, way) {
  if (start === null || stop === null) return { start, stop };
  const kind = kindOf({ start, stop });
  if (kind === "month") {
    const place = placeOf("1mo", start) + way;
    return place < 0 ? { start: null, stop: start } : { start: startOf("1mo", place), stop: startOf("1mo", place + 1) };
  }
  if (kind === "exact") return { start: start + way * (stop - start), stop: stop + way * (stop - start) };
  const [from, to] = [DAYS.get(start), DAYS.get(stop)];
  const first = from + way * (to - from);
  return first < 0 ? { start: null, stop: start } : { start: startOf("1d", first), stop: startOf("1d", first + to - from) };
}

// Whether the rows of a provider reach the end of a period, as far as that is known.
function reaches(provider, { start, stop }) {
  const { last, step, complete } = PAGE.reach[provider];
  if (complete) return complete[1] >= stop;
  return last >= stop || (stop - start > LENGTHS[step] && last >= stop - LENGTHS[step]);
}

// The providers in a selection whose rows don't reach its end.
function running(filter, shown) {
  if (filter.start === null || filter.stop === null) return [];
  const late = Object.keys(PAGE.reach).sort().filter((name) => !reaches(name, filter));
  if (!late.length || filter.provider) return late.filter((name) => filter.provider?.includes(name));
  return late.filter((name) => shown.has(name) || !shown.size);
}

const momentName = (moment) => `${dayName(moment)}, ${clock(moment)}`;

function whyNot(filter, then, shown) {
  if (PAGE.rows_begin === null) return say("no_change_rows");
  if (filter.start === null || filter.stop === null || then.start === undefined) return say("no_change_period");
  const late = running(filter, shown);
  if (late.length) {
    const end = Math.min(...late.map((name) => PAGE.reach[name].complete?.[1] ?? PAGE.reach[name].end));
    return say("no_change_running", { names: late.map((name) => nameOf("provider", name)).join(", "), moment: momentName(end) });
  }
  const known = Object.entries(PAGE.reach).filter(([name, { complete }]) => complete && (!filter.provider || filter.provider.includes(name)));
  const begins = [Math.floor(PAGE.rows_begin / LENGTHS["1d"]) * LENGTHS["1d"]];
  if (known.length) begins.push(Math.max(...known.map(([, { complete }]) => complete[0])));
  if (then.start === null || then.start < Math.min(...begins)) return say("no_change_begin", { moment: momentName(PAGE.rows_begin) });
  return "";
}

// What was used in the period before, or why that can't be compared, in a sentence.
function before(filter, shown) {
  const then = stepped(filter, -1);
  const why = whyNot(filter, then, shown);
  if (why) return { why, note: why, name: "", data: { groups: [], by: KEYS, cut: 0, from: 0, every: null } };
  const name = periodName(then);
  return { why, name, note: say("change_note", { period: name }), data: added({ ...filter, ...then }, null, KEYS, USE, MEASURES_AND_CREDIT) };
}

const none = Symbol("no row reports it");
const worth = (value) => (value === none ? 0n : value);

// How a number has changed, in a sign and a few characters; nothing where that is not known.
function changed(now, then, write) {
  const [has, had] = [worth(now), worth(then)];
  if (has === null || had === null || (now === none && then === none)) return "";
  if (has === had) return say("unchanged");
  if (!had) return say("new");
  if (now === none) return say("gone");
  const difference = has - had;
  if (has < 0n || had < 0n) return signed(difference, write(size(difference)));
  return signed(difference, `${percent(100n * size(difference), had)}\u00a0%`);
}

const signed = (difference, text) => (difference > 0n ? `\u25b2\u00a0+${text}` : `\u25bc\u00a0${PAGE.numbers.minus}${text}`);

// A ratio to a tenth; what is not 0 never looks it.
function percent(part, whole) {
  let places = 1;
  while (part && part * 10n ** BigInt(places) < whole) places += 1;
  return written(ratio(part, whole, places), places, 1);
}

// A ratio of two numbers above zero to so many decimals, half to even.
function ratio(part, whole, places) {
  const scaled = part * 10n ** BigInt(places);
  const down = scaled / whole;
  const rest = (scaled % whole) * 2n;
  return rest > whole || (rest === whole && down % 2n === 1n) ? down + 1n : down;
}
