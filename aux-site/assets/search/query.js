// What was asked, and how well a name of a thing fits: the rules of `aux-search/src/query.rs` and
// `fit.rs`. One corpus of questions holds the two together.

import { Pattern } from "./likeness.js";

export const EXACT = 0;
export const PREFIX = 1;
export const SUBSTRING = 2;
export const DESCRIPTION = 3;
export const OWNER = 4;
const LEAD = 5;
const REPO = 6;
const KIND = 7;
export const FUZZY = 5;

const NOTHING = -1;
/// Not asked yet.
const UNKNOWN = -2;

/// A rank as one number: what compares as less is better.
function rank(matched, unlike, sum) {
  return (matched * 1024 + unlike) * 1024 + sum;
}

export function matchedOf(rank) {
  return Math.floor(rank / (1024 * 1024));
}

/// How well a word fits a name, both in lower case.
function fitOfName(name, word) {
  const at = name.indexOf(word);
  if (at < 0) {
    return NOTHING;
  }
  if (at > 0) {
    return SUBSTRING;
  }
  return name.length === word.length ? EXACT : PREFIX;
}

function lower(word) {
  return (word.length > 1 && word.startsWith("@") ? word.slice(1) : word).toLowerCase();
}

class Word {
  constructor(text, index, places) {
    this.text = text;
    const slash = text.indexOf("/");
    const isOfRepo = slash > 0 && slash < text.length - 1;
    this.pattern = new Pattern(isOfRepo ? text.slice(slash + 1) : text);
    this.repo = isOfRepo ? index.repos.findIndex((repo) => repo.lower === text.slice(0, slash)) : null;
    this.places = places;
    this.repoNamed = index.repos.findIndex((repo) => repo.lower === text);
    this.kindNamed = index.kinds.findIndex((kind) => kind === text || `${kind}s` === text);
    this.handle = index.handles.findIndex((handle) => handle.toLowerCase() === text);
    // SIGs of this name, or led by somebody of this handle.
    this.sigs = index.sigs.map((sig) => {
      if (sig.name.toLowerCase() === text) {
        return OWNER;
      }
      return sig.leads.some((lead) => lead.toLowerCase() === text) ? LEAD : NOTHING;
    });
    // What is around a thing is asked once for all of its names.
    this.around = new Int8Array(index.things).fill(UNKNOWN);
  }

  isInRepo(index, thing) {
    return this.repo === null || (this.repo >= 0 && index.repo[thing] === this.repo);
  }

  fit(index, row, thing) {
    let fit = fitOfName(index.names[row], this.pattern.word);
    const full = index.full.get(row);
    if (full !== undefined && fit !== EXACT) {
      const ofFull = fitOfName(full.toLowerCase(), this.pattern.word);
      fit = fit === NOTHING || (ofFull !== NOTHING && ofFull < fit) ? ofFull : fit;
    }
    if (fit !== NOTHING && this.isInRepo(index, thing)) {
      return fit;
    }
    if (this.around[thing] === UNKNOWN) {
      this.around[thing] = this.fitAround(index, thing);
    }
    return this.around[thing];
  }

  /// How it fits the thing whatever it is called.
  fitAround(index, thing) {
    if (index.hasTexts) {
      const description = index.descriptions[thing];
      if (description !== "" && description.includes(this.text)) {
        return DESCRIPTION;
      }
      if (this.handle >= 0 && index.handlesOf.get(thing)?.includes(this.handle)) {
        return OWNER;
      }
    }
    const owner = index.owner[thing] >= 0 ? this.sigs[index.owner[thing]] : NOTHING;
    if (owner !== NOTHING || !this.places) {
      return owner;
    }
    if (this.repoNamed >= 0 && index.repo[thing] === this.repoNamed) {
      return REPO;
    }
    return this.kindNamed >= 0 && index.kind[thing] === this.kindNamed ? KIND : NOTHING;
  }

  unlike(index, row, thing) {
    const name = index.names[row];
    const unlike = this.pattern.unlike(name, index.letters[row], index.lengths[row]);
    return unlike >= 0 && this.isInRepo(index, thing) ? unlike : NOTHING;
  }
}

export class Query {
  constructor(index, text) {
    const texts = text.split(/\s+/u).filter((word) => word !== "").map(lower);
    this.index = index;
    this.phrase = texts.join(" ");
    this.words = texts.map((word) => new Word(word, index, texts.length > 1));
  }

  get isEmpty() {
    return this.words.length === 0;
  }

  /// How well all words fit a thing by this name; -1 if they do not.
  rank(row, thing) {
    const full = this.index.full.get(row);
    if (full !== undefined && full.toLowerCase() === this.phrase) {
      return rank(EXACT, 0, 0);
    }
    let best = this.isEmpty ? PREFIX : OWNER;
    let sum = 0;
    for (const word of this.words) {
      const fit = word.fit(this.index, row, thing);
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
      const fit = word.fit(this.index, row, thing);
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
