// Numbers to their last digit: whole numbers of any size, which stand for decimals of one scale. Null is not known.

const plus = (a, b) => (a === null || b === null ? null : a + b);
const size = (value) => (value < 0n ? -value : value);

// The digits of a number, without those that only fill its scale.
function plain(value, scale) {
  const digits = size(value).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const part = digits.slice(digits.length - scale).replace(/0+$/, "");
  return (value < 0n ? "-" : "") + whole + (part && "." + part);
}

// Half to even, to so many decimals.
function rounded(value, scale, places) {
  if (places >= scale) return value;
  const step = 10n ** BigInt(scale - places);
  const down = size(value) / step;
  const rest = (size(value) % step) * 2n;
  const up = rest > step || (rest === step && down % 2n === 1n) ? down + 1n : down;
  return (value < 0n ? -up : up) * step;
}

const near = (value, scale) => Number(value) / 10 ** scale; // for what is drawn, never for what is told

function grouped(digits) {
  const { grouping, thousands } = PAGE.numbers;
  const groups = [];
  for (let left = digits, at = 0; left; at += 1) {
    const length = grouping[Math.min(at, grouping.length - 1)];
    groups.unshift(left.slice(-length));
    left = left.slice(0, -length);
  }
  return groups.join(thousands);
}

// As the reader writes numbers, with at least so many decimals.
function written(value, scale, least = 0) {
  const [whole, part = ""] = plain(size(value), scale).split(".");
  const tail = part.padEnd(least, "0");
  return (value < 0n ? PAGE.numbers.minus : "") + grouped(whole) + (tail && PAGE.numbers.decimal + tail);
}

// To cents, or to three digits where it is less than one: what is not 0 never looks it.
function shortMoney(value, scale, cents) {
  let places = cents;
  const digits = size(value).toString();
  if (value && digits.length <= scale) places = Math.max(places, 2 + scale - digits.length + 1);
  return written(rounded(value, scale, places), scale, cents);
}

function unitOf(unit, value, scale) {
  const [one, many] = PAGE.units[unit] ?? [unit, unit];
  return value !== null && size(value) === 10n ** BigInt(scale) ? one : many;
}

const count = (number) => written(BigInt(number), 0);

// Puts values into the places of a sentence, each once: what comes from data is never looked through again.
const say = (name, values = {}) =>
  PAGE.phrases[name].replace(/\{(\w+)\}/g, (place, key) => (key in values ? values[key] : place));
