// What was asked, and how well a name of a thing fits: the rules of `aux-search/src/query.rs` and
// `fit.rs`. One corpus of questions holds the two together.

import { Pattern } from "./likeness.js";
import { INSIDE, START, WHOLE } from "./text.js";

// How one word fits. The first three are those of a name, by which part of it the word is.
export const EXACT = WHOLE;
export const PREFIX = START;
export const SUBSTRING = INSIDE;
export const DESCRIPTION = 3;
export const OWNER = 4;
const LEAD = 5;
const REPO = 6;
const KIND = 7;
/// How all words fit together, where one is misspelt.
export const FUZZY = 5;

const NOTHING = -1;

/// A rank as one number: what compares as less is better.
function rank(matched, unlike, sum) {
  return (matched * 1024 + unlike) * 1024 + sum;
}

export function matchedOf(rank) {
  return Math.floor(rank / (1024 * 1024));
}

/// The words of a text, and the text without blanks around it: blanks are those of Unicode, as Rust has
/// them, and not those of JavaScript.
function wordsOf(text) {
  return text.split(/\p{White_Space}+/u).filter((word) => word !== "");
}

export function trimmed(text) {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
}

function lower(word) {
  return (word.length > 1 && word.startsWith("@") ? word.slice(1) : word).toLowerCase();
}

/// A word, and how it fits everything.
class Word {
  constructor(text, index, places) {
    const slash = text.indexOf("/");
    const isOfRepo = slash > 0 && slash < text.length - 1;
    this.pattern = new Pattern(isOfRepo ? text.slice(slash + 1) : text);
    const repo = isOfRepo ? text.slice(0, slash) : null;
    this.repo = repo === null ? null : index.repos.findIndex((known) => known.lower === repo);
    this.byName = this.fitNames(index);
    this.around = this.fitAround(index, text, places);
  }

  isInRepo(index, thing) {
    return this.repo === null || (this.repo >= 0 && index.repo[thing] === this.repo);
  }

  /// By row, how it fits the name, or a person's name in full.
  fitNames(index) {
    const fits = new Int8Array(index.rows).fill(NOTHING);
    index.names.each(this.pattern.word, (row, part) => {
      if (this.isInRepo(index, index.thing[row])) {
        fits[row] = part;
      }
    });
    for (const [row, full] of index.full) {
      const at = full.toLowerCase().indexOf(this.pattern.word);
      if (at >= 0 && this.isInRepo(index, index.thing[row])) {
        const isWhole = full.toLowerCase().length === this.pattern.word.length;
        const part = at > 0 ? SUBSTRING : isWhole ? EXACT : PREFIX;
        fits[row] = fits[row] === NOTHING ? part : Math.min(fits[row], part);
      }
    }
    return fits;
  }

  /// By thing, how it fits whatever the thing is called; `places` is whether it may be a repo or a kind.
  fitAround(index, text, places) {
    const fits = new Int8Array(index.things).fill(NOTHING);
    // From what counts least to what counts most: the last one stays.
    const fill = (column, wanted, fit) => {
      if (wanted >= 0) {
        for (let thing = 0; thing < fits.length; thing++) {
          if (column[thing] === wanted) {
            fits[thing] = fit;
          }
        }
      }
    };
    if (places) {
      fill(index.kind, index.kinds.findIndex((kind) => kind === text || `${kind}s` === text), KIND);
      fill(index.repo, index.repos.findIndex((repo) => repo.lower === text), REPO);
    }
    index.sigs.forEach((sig, number) => {
      if (sig.name.toLowerCase() === text) {
        fill(index.owner, number, OWNER);
      } else if (sig.leads.some((lead) => lead.toLowerCase() === text)) {
        fill(index.owner, number, LEAD);
      }
    });
    const handle = index.handles.findIndex((handle) => handle.toLowerCase() === text);
    if (handle >= 0) {
      for (const [thing, handles] of index.handlesOf) {
        if (handles.includes(handle)) {
          fits[thing] = OWNER;
        }
      }
    }
    index.descriptions.each(text, (thing) => {
      fits[thing] = DESCRIPTION;
    });
    return fits;
  }

  fit(row, thing) {
    return this.byName[row] === NOTHING ? this.around[thing] : this.byName[row];
  }

  unlike(index, row, thing) {
    const name = index.lowerNames[row];
    const unlike = this.pattern.unlike(name, index.letters[row], index.lengths[row]);
    return unlike >= 0 && this.isInRepo(index, thing) ? unlike : NOTHING;
  }
}

export class Query {
  constructor(index, text) {
    const texts = wordsOf(text).map(lower);
    this.index = index;
    this.phrase = texts.join(" ");
    this.words = texts.map((word) => new Word(word, index, texts.length > 1));
    // Those whose name in full is all of what was asked.
    this.exact = new Set();
    for (const [row, full] of index.full) {
      if (full.toLowerCase() === this.phrase) {
        this.exact.add(row);
      }
    }
  }

  get isEmpty() {
    return this.words.length === 0;
  }

  /// How well all words fit a thing by this name; -1 if they do not.
  rank(row, thing) {
    if (this.exact.size > 0 && this.exact.has(row)) {
      return rank(EXACT, 0, 0);
    }
    let best = this.isEmpty ? PREFIX : OWNER;
    let sum = 0;
    for (const word of this.words) {
      const fit = word.fit(row, thing);
      if (fit === NOTHING) {
        return NOTHING;
      }
      best = Math.min(best, fit);
      sum += fit;
    }
    return rank(best, 0, sum);
  }

  /// The same, where at least one word fits only as a misspelling of the name.
  rankOfMisspelling(row, thing) {
    if (this.words.length === 1) {
      const unlike = this.words[0].unlike(this.index, row, thing);
      return unlike === NOTHING ? NOTHING : rank(FUZZY, unlike, 0);
    }
    let worst = NOTHING;
    let sum = 0;
    for (const word of this.words) {
      const fit = word.fit(row, thing);
      if (fit !== NOTHING) {
        sum += fit;
        continue;
      }
      const unlike = word.unlike(this.index, row, thing);
      if (unlike === NOTHING) {
        return NOTHING;
      }
      worst = Math.max(worst, unlike);
    }
    return worst === NOTHING ? NOTHING : rank(FUZZY, worst, sum);
  }
}
