// What the running month will have cost at its end if days go on as they did: an estimate, as `ut.run_rate` makes it.

// The days that are known, from the first that has any: an amount each, null where it is not known.
function dailyAmounts(filter, { unit, basis }) {
  const data = added({ ...filter, start: null, stop: null }, "1d", ["currency", "basis"], USE, ["amount"]);
  const group = data.groups.find((one) => valueOf(data, one, "currency") === unit && valueOf(data, one, "basis") === basis);
  const found = new Map();
  group?.sums.rows.forEach((rows, slot) => {
    if (rows) found.set(slot, group.sums.isKnown("amount", slot) ? about(group.sums.limbs.amount, slot) / 10 ** PAGE.scales.amount : null);
  });
  return found;
}

const weekday = (day) => new Date(`${keyName("1d", day).slice(0, 10)}T00:00Z`).getUTCDay();
const summed = (numbers) => numbers.reduce((sum, one) => sum + one, 0);

function estimate(amounts, first, after, today) {
  const { least, most, weeks_from: weeksFrom, t } = PAGE.outlook;
  const inside = [...amounts].filter(([day]) => first <= day && day < after).map(([, amount]) => amount);
  const begin = Math.max(Math.min(...amounts.keys()), today - most);
  const closed = Array.from({ length: Math.max(0, today - begin) }, (_, at) => begin + at);
  const known = closed.map((day) => (amounts.has(day) ? amounts.get(day) : 0));
  if (!amounts.size || [...inside, ...known].includes(null) || known.length < least) return null;
  const kind = (day) => (known.length >= weeksFrom ? weekday(day) : 0);
  const groups = new Map();
  for (const day of closed) groups.set(kind(day), [...(groups.get(kind(day)) ?? []), day]);
  const mean = (day) => summed(groups.get(kind(day)).map((one) => known[one - begin])) / groups.get(kind(day)).length;
  const left = Array.from({ length: after - today }, (_, at) => today + at);
  const soFar = amounts.get(today) ?? 0;
  const expected = left.map((day, at) => (at ? mean(day) : Math.max(mean(day), soFar)));
  const spent = summed(inside);
  const freedom = known.length - groups.size;
  const squares = summed(closed.map((day, at) => (known[at] - mean(day)) ** 2));
  const shares = left.length + summed([...groups].map(([one, days]) => left.filter((day) => kind(day) === one).length ** 2 / days.length));
  const spread = t[freedom - (least - 1)] * Math.sqrt((squares / freedom) * shares);
  const all = spent - soFar + summed(expected);
  const low = [...amounts.values()].every((amount) => amount === null || amount >= 0) ? Math.max(all - spread, spent) : all - spread;
  return [all, low, all + spread];
}

// Says it, if the month that is shown is the running one.
function outlook(filter, money, shown) {
  if (PAGE.rows_begin === null || !money || kindOf(filter) !== "month") return "";
  const month = placeOf("1mo", filter.start);
  if (placeOf("1mo", startOf("1d", PAGE.last)) !== month || !running(filter, shown).length) return "";
  const found = estimate(dailyAmounts(filter, money), placeOf("1d", filter.start), placeOf("1d", filter.stop - 1) + 1, PAGE.last);
  const name = PAGE.calendar.months[month];
  if (!found) return say("outlook_none", { month: name });
  const write = (number) => (Math.abs(number) >= 100 ? count(Math.round(number)) : shortMoney(BigInt(Math.round(number * 1e12)), 12, cents(money.unit)));
  const [all, low, high] = found.map(write);
  return say("outlook", { month: name, estimate: all, currency: nameOf("currency", money.unit), low, high });
}
