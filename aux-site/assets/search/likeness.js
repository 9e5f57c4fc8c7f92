// How far a misspelling is off: the Jaro-Winkler likeness, as `aux-search/src/likeness.rs` has it.

const NEAR = 0.85;

/// How like words can be at best that have at most so many characters in common, whatever their order:
/// the first four may be the same.
function atBest(common, one, other) {
  const jaro = (common / one + common / other + 1) / 3;
  return jaro + 0.4 * (1 - jaro);
}

/// Characters of two words that are matched; used again and again.
let ofOne = new Uint8Array(64);
let ofOther = new Uint8Array(64);

/// The Jaro likeness of two words (M. A. Jaro, 1989): strings of ASCII, or arrays of characters.
function jaro(one, other) {
  if (one.length === 0 || other.length === 0) {
    return one.length === other.length ? 1 : 0;
  }
  if (one.length > ofOne.length || other.length > ofOther.length) {
    ofOne = new Uint8Array(one.length * 2);
    ofOther = new Uint8Array(other.length * 2);
  }
  ofOne.fill(0, 0, one.length);
  ofOther.fill(0, 0, other.length);
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  let matches = 0;
  for (let at = 0; at < one.length; at++) {
    const end = Math.min(other.length, at + reach + 1);
    for (let near = Math.max(0, at - reach); near < end; near++) {
      if (!ofOther[near] && one[at] === other[near]) {
        ofOne[at] = 1;
        ofOther[near] = 1;
        matches++;
        break;
      }
    }
  }
  if (matches === 0) {
    return 0;
  }
  let transposed = 0;
  let near = 0;
  for (let at = 0; at < one.length; at++) {
    if (ofOne[at]) {
      while (!ofOther[near]) {
        near++;
      }
      if (one[at] !== other[near]) {
        transposed++;
      }
      near++;
    }
  }
  const inOrder = matches - Math.floor(transposed / 2);
  return (matches / one.length + matches / other.length + inOrder / matches) / 3;
}

export function jaroWinkler(one, other) {
  const likeness = jaro(one, other);
  let same = 0;
  while (same < Math.min(4, one.length, other.length) && one[same] === other[same]) {
    same++;
  }
  // Winkler's rule counts the same start only for words that are alike at all.
  return likeness > 0.7 ? likeness + 0.1 * same * (1 - likeness) : likeness;
}

/// The place of a character among 32: others may share it, so a bound that counts them is still one.
function place(word, at) {
  return word.charCodeAt(at) & 31;
}

/// A bit for each character that a word has, so that most names need not be compared.
export function letters(word) {
  let bits = 0;
  for (let at = 0; at < word.length; at++) {
    bits |= 1 << place(word, at);
  }
  return bits;
}

const isAscii = (text) => /^[\0-\x7f]*$/u.test(text);

/// A word in lower case that names are compared with.
export class Pattern {
  constructor(word) {
    this.word = word;
    this.isAscii = isAscii(word);
    this.characters = this.isAscii ? word : Array.from(word);
    // How often the word has a character of each place.
    this.counts = new Uint8Array(32);
    this.places = [];
    for (let at = 0; at < word.length; at++) {
      if (this.counts[place(word, at)]++ === 0) {
        this.places.push(place(word, at));
      }
    }
  }

  /// How far off a name in lower case is, in thousandths; -1 if it is not near. `bits` are its
  /// letters, and `bytes` is its length in UTF-8, as the bound of the other implementation has it.
  unlike(name, bits, bytes) {
    const length = this.characters.length;
    if (length === 0 || atBest(Math.min(length, bytes), length, bytes) < NEAR) {
      return -1;
    }
    if (this.isAscii) {
      let common = length;
      for (const place of this.places) {
        if ((bits & (1 << place)) === 0) {
          common -= this.counts[place];
        }
      }
      if (atBest(Math.min(common, name.length), length, name.length) < NEAR) {
        return -1;
      }
    }
    const characters = this.isAscii && name.length === bytes ? name : Array.from(name);
    const likeness = jaroWinkler(this.characters, characters);
    return likeness >= NEAR ? Math.round((1 - likeness) * 1000) : -1;
  }
}
