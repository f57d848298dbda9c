// Numbers as they travel: read from bits, and kept in parts of a size whose sums a double holds exactly.

const LIMB = PAGE.limb;
const SIZES = Object.entries(PAGE.limbs); // each measure, and in how many parts it is kept
const [UNKNOWN, AGAIN, CONSTANT, SIGNED, GAPS] = [1, 2, 4, 8, 16];

function bitsOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length + 4);
  for (let at = 0; at < raw.length; at += 1) bytes[at] = raw.charCodeAt(at);
  let at = 0;
  const ahead = () => {
    const byte = at >> 3;
    return ((bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3]) << (at & 7);
  };
  const take = (count) => { // of at most 25
    const found = count && ahead() >>> (32 - count);
    at += count;
    return found;
  };
  const long = (count) => { // a double where it fits, else an integer of any size
    if (count <= 25) return take(count);
    if (count <= 50) return take(count - 25) * 33554432 + take(25);
    let found = 0n;
    for (let left = count; left; left -= Math.min(left, 25)) found = (found << BigInt(Math.min(left, 25))) | BigInt(take(Math.min(left, 25)));
    return count <= 53 ? Number(found) : found;
  };
  const number = (usual) => {
    let zeros = 0;
    let now = Math.clz32(ahead());
    for (; now > 24; now = Math.clz32(ahead())) {
      zeros += 24;
      at += 24;
    }
    zeros += now;
    at += now;
    const length = zeros + usual + 1;
    if (length <= 25) { // as nearly all are
      const found = ahead() >>> (32 - length);
      at += length;
      return found - (1 << usual);
    }
    const found = long(length);
    if (typeof found === "number") return found - 2 ** usual;
    return small(found - (1n << BigInt(usual)));
  };
  return { take, number };
}

const small = (value) => (typeof value === "bigint" && size(value) < 9007199254740992n ? Number(value) : value);

// A column: numbers, null where one is not known; null where none is, "again" where it is the one before.
function columnOf(bits, count) {
  const kind = bits.take(8);
  if (kind & UNKNOWN) return null;
  if (kind & AGAIN) return "again";
  const usual = bits.take(8);
  if (kind & CONSTANT) return new Array(count).fill(unfolded(bits.number(usual), kind));
  const values = new Array(count);
  for (let at = 0; at < count; at += 1) {
    const found = bits.number(usual);
    values[at] = kind ? unfolded(found, kind) : found;
  }
  return values;
}

// A number as it was before its sign and its gap were folded into it.
function unfolded(found, kind) {
  const gap = kind & GAPS ? 1 : 0;
  if (gap && found === 0) return null;
  if (typeof found === "number") {
    const value = found - gap;
    return kind & SIGNED ? (value % 2 ? -(value + 1) / 2 : value / 2) : value;
  }
  const value = found - BigInt(gap);
  return small(kind & SIGNED ? (value % 2n ? -(value + 1n) / 2n : value / 2n) : value);
}

// What an amount is: the price of its quantity, and what is left.
function priced(price, quantities, rests) {
  if (!price) return rests;
  const near = Number(price);
  const exact = BigInt(price);
  return rests.map((rest, at) => {
    const found = quantities[at] * near + rest;
    return Math.abs(found) < 4503599627370496 && typeof rest === "number" && typeof quantities[at] === "number" && Number.isSafeInteger(near)
      ? found : small(exact * BigInt(quantities[at]) + BigInt(rest));
  });
}

// The same in parts, the largest first; `unknown` marks what is not known.
function parts(values, count) {
  if (!values) return null;
  const made = { limbs: Array.from({ length: count }, () => new Float64Array(values.length)), unknown: null };
  values.forEach((value, at) => {
    if (value === null) (made.unknown ??= new Uint8Array(values.length))[at] = 1;
    else if (count === 1) made.limbs[0][at] = Number(value);
    else split(value, made.limbs, at);
  });
  return made;
}

function split(value, limbs, at) {
  let left = value;
  for (let place = limbs.length - 1; place > 0; place -= 1) {
    const large = typeof left === "bigint";
    const rest = large ? left % BigInt(LIMB) : left % LIMB;
    limbs[place][at] = Number(rest);
    left = small(large ? (left - rest) / BigInt(LIMB) : (left - rest) / LIMB);
  }
  limbs[0][at] = Number(left);
}

const joined = (limbs, at = 0) => limbs.reduce((sum, limb) => sum * BigInt(LIMB) + BigInt(limb[at]), 0n);
const about = (limbs, at) => { // for what is drawn
  let sum = limbs[0][at];
  for (let place = 1; place < limbs.length; place += 1) sum = sum * LIMB + limbs[place][at];
  return sum;
};
