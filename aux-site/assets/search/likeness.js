// How far a misspelling is off: the Jaro-Winkler likeness, as `aux-search/src/likeness.rs` has it.

const NEAR = 0.85;

/// How like two words can be at best, from their lengths alone.
function atBest(one, other) {
  const less = Math.min(one, other);
  const more = Math.max(one, other);
  const jaro = (less / more + 2) / 3;
  return jaro + 0.4 * (1 - jaro);
}

/// The Jaro likeness of two arrays of characters (M. A. Jaro, 1989).
function jaro(one, other) {
  if (one.length === 0 && other.length === 0) {
    return 1;
  }
  if (one.length === 0 || other.length === 0) {
    return 0;
  }
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  const ofOne = new Uint8Array(one.length);
  const ofOther = new Uint8Array(other.length);
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

/// A bit for each letter that a word has, so that most names need not be compared.
export function letters(word) {
  let bits = 0;
  for (let at = 0; at < word.length; at++) {
    bits |= 1 << (word.charCodeAt(at) & 31);
  }
  return bits;
}

/// A word in lower case that names are compared with.
export class Pattern {
  constructor(word) {
    this.word = word;
    this.characters = Array.from(word);
    this.letters = letters(word);
  }

  /// How far off a name in lower case is, in thousandths; -1 if it is not near. `bytes` is its
  /// length in UTF-8, as the bound of the other implementation has it.
  unlike(name, bits, bytes) {
    if (atBest(this.characters.length, bytes) < NEAR) {
      return -1;
    }
    // Letters that the name lacks match nothing: with as many as are missing, it cannot be near.
    let missing = this.letters & ~bits;
    let lacking = 0;
    while (missing !== 0) {
      missing &= missing - 1;
      lacking++;
    }
    const length = this.characters.length;
    const best = (length - lacking) / length;
    const bound = (best + 2) / 3;
    if (bound + 0.4 * (1 - bound) < NEAR) {
      return -1;
    }
    const likeness = jaroWinkler(this.characters, Array.from(name));
    return likeness >= NEAR ? Math.round((1 - likeness) * 1000) : -1;
  }
}
