// The index: its parts as they arrive, and what a query finds in it. The same as
// `aux-search/src/search.rs`.

import { EXACT, FUZZY, Query, SUBSTRING, matchedOf, trimmed } from "./query.js";
import { letters } from "./likeness.js";
import { Texts } from "./text.js";

const FORMAT = 1;
const FUZZY_HITS = 5;
const encoder = new TextEncoder();

/// The length in UTF-8; nearly all names are ASCII.
function byteLength(text) {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) > 127) {
      return encoder.encode(text).length;
    }
  }
  return text.length;
}

export const MATCHES = ["exact", "prefix", "substring", "description", "owner", "fuzzy"];

/// Whether a number has a bit. Numbers of more than 31 bits have no operators for that.
export function hasSystem(bits, place) {
  return Math.floor(bits / 2 ** place) % 2 === 1;
}

export class Index {
  constructor(start, load) {
    Object.assign(this, {
      kinds: start.kinds,
      systems: start.systems,
      tiers: start.tiers,
      repos: start.repos.map((repo) => ({ ...repo, lower: repo.name.toLowerCase() })),
      sigs: start.sigs,
      licenses: start.licenses,
      flakes: start.flakes,
      handles: start.handles,
      sets: start.sets,
      things: start.things,
    });
    this.start = start;
    this.load = load;
    const count = start.things;
    this.nameOf = new Array(count);
    this.kind = new Int8Array(count);
    this.repo = new Int32Array(count);
    this.owner = new Int32Array(count);
    this.flake = new Int32Array(count);
    this.forSystems = new Float64Array(count);
    this.broken = new Float64Array(count);
    this.unfree = new Uint8Array(count);
    this.license = new Int32Array(count);
    this.moreLicenses = new Map();
    this.partOf = new Map();
    // By row, in the order of hits.
    const rows = start.names;
    this.rows = rows;
    this.shown = [];
    this.lowerNames = [];
    this.names = new Texts([]);
    this.thing = new Int32Array(rows);
    this.own = new Uint8Array(rows);
    this.letters = new Int32Array(rows);
    this.lengths = new Int32Array(rows);
    this.aliasOf = new Map();
    this.full = new Map();
    // What is long comes later.
    this.hasTexts = false;
    this.descriptions = new Texts([]);
    this.shownDescriptions = new Array(count).fill("");
    this.versions = new Array(count).fill("");
    this.references = new Map();
    this.handlesOf = new Map();
    this.former = null;
  }

  /// Reads what a first answer needs: things and names. `root` is the folder of the site.
  static async open(root) {
    const load = async (file, cache = "default") => {
      const answer = await fetch(`${root}search/${file}`, { cache });
      if (!answer.ok) {
        throw new Error(`${file}: the server answers ${answer.status}`);
      }
      return answer.json();
    };
    // The names of parts have their hashes, so a start that is not of this site leads nowhere: the
    // server is asked for the one that it has now.
    for (const cache of ["no-cache", "reload"]) {
      try {
        return await Index.from(await load("start.json", cache), load);
      } catch (error) {
        if (cache === "reload") {
          throw error;
        }
      }
    }
  }

  static async from(start, load) {
    if (start.format !== FORMAT) {
      throw new Error("the site was changed while this page was open: reload it");
    }
    const index = new Index(start, load);
    const [things, names] = await Promise.all([
      Promise.all(start.thingParts.map((file) => load(file))),
      Promise.all(start.nameParts.map((file) => load(file))),
    ]);
    things.forEach((part) => index.addThings(part));
    names.forEach((part) => index.addNames(part));
    index.names = new Texts(index.lowerNames);
    return index;
  }

  /// Reads what is long: descriptions, versions, people.
  async openTexts() {
    const parts = await Promise.all(this.start.textParts.map((file) => this.load(file)));
    parts.forEach((part) => this.addTexts(part));
    this.descriptions = new Texts(this.shownDescriptions.map((text) => text.toLowerCase()));
    this.hasTexts = true;
  }

  async openFormer() {
    this.former ??= await this.load(this.start.former);
    return this.former;
  }

  addThings(part) {
    const { first } = part;
    part.name.forEach((name, at) => {
      this.nameOf[first + at] = name;
    });
    this.kind.set(part.kind, first);
    this.repo.set(part.repo, first);
    this.owner.set(part.owner, first);
    this.flake.set(part.flake, first);
    this.forSystems.set(part.systems, first);
    this.broken.set(part.broken, first);
    this.unfree.set(part.unfree, first);
    this.license.set(part.license, first);
    for (const [thing, licenses] of Object.entries(part.licenses)) {
      this.moreLicenses.set(Number(thing), licenses);
    }
    for (const [thing, of] of Object.entries(part.partOf)) {
      this.partOf.set(Number(thing), of);
    }
  }

  addNames(part) {
    const first = this.lowerNames.length;
    part.name.forEach((name, at) => {
      const lower = name.toLowerCase();
      this.shown.push(name);
      this.lowerNames.push(lower);
      this.letters[first + at] = letters(lower);
      this.lengths[first + at] = byteLength(name);
    });
    this.thing.set(part.thing, first);
    this.own.set(part.own, first);
    for (const [row, of] of Object.entries(part.aliasOf)) {
      this.aliasOf.set(first + Number(row), of);
    }
    for (const [row, full] of Object.entries(part.full)) {
      this.full.set(first + Number(row), full);
    }
  }

  addTexts(part) {
    const { first } = part;
    part.description.forEach((text, at) => {
      this.shownDescriptions[first + at] = text;
    });
    part.version.forEach((text, at) => {
      this.versions[first + at] = text;
    });
    for (const [thing, text] of Object.entries(part.reference)) {
      this.references.set(Number(thing), text);
    }
    for (const [thing, handles] of Object.entries(part.handles)) {
      this.handlesOf.set(Number(thing), handles);
    }
  }

  /// What `where` answers: the best hits, at most `most`, how many there are, and what became of
  /// things that had this name. What a thing is called now is known, and a misspelling is a guess.
  async ask(text, filter, most) {
    const found = this.search(text, filter, most);
    const name = trimmed(text);
    const former = name === "" ? [] : this.formerly(await this.openFormer(), name);
    if (former.length === 0 || found.hits.some((hit) => hit.matched !== FUZZY)) {
      return { ...found, former };
    }
    const now = former.filter((one) => one.to != null);
    const hits = now.flatMap((one) => this.search(one.to, filter, most).hits);
    const exact = hits.filter((hit) => hit.matched === EXACT);
    return { total: exact.length, hits: exact, former };
  }

  /// The best hits, at most `most`, and how many there are.
  search(text, filter, most) {
    const members = this.membersNamed(trimmed(text), filter);
    if (members.length > 0) {
      return { total: members.length, hits: members.slice(0, most) };
    }
    const query = new Query(this, text);
    const found = this.fitting(query, filter);
    if (found.total > 0 || (filter !== null && this.fitting(query, null).total > 0)) {
      return { total: found.total, hits: this.best(found.byRank, most) };
    }
    const near = this.near(query).filter((hit) => filter === null || filter(hit.thing));
    return { total: near.length, hits: near.slice(0, most) };
  }

  /// Members of sets that are named with their set or one of its instances.
  membersNamed(text, filter) {
    const slash = text.indexOf("/");
    const repo = slash < 0 ? null : text.slice(0, slash);
    const rest = slash < 0 ? text : text.slice(slash + 1);
    const dot = rest.lastIndexOf(".");
    if (dot < 0) {
      return [];
    }
    const [set, name] = [rest.slice(0, dot), rest.slice(dot + 1)];
    const parts = this.sets.filter(
      (part) =>
        (part.name === set || part.instances.includes(set)) && (repo === null || part.repo === repo),
    );
    if (parts.length === 0) {
      return [];
    }
    const member = this.kinds.indexOf("member");
    const hits = [];
    for (let row = 0; row < this.rows; row++) {
      const thing = this.thing[row];
      if (this.kind[thing] !== member || this.shown[row] !== name) {
        continue;
      }
      const isOfPart = (part) =>
        this.partOf.get(thing) === part.name && this.repos[this.repo[thing]].name === part.repo;
      if (parts.some(isOfPart) && (filter === null || filter(thing))) {
        hits.push({ row, thing, matched: EXACT });
      }
    }
    return hits;
  }

  /// The rows that all words fit, by rank, each rank in the order of rows.
  fitting(query, filter) {
    const byRank = new Map();
    const byName = new Uint8Array(this.things);
    const others = [];
    let total = 0;
    const add = (rank, row) => {
      total++;
      const rows = byRank.get(rank);
      if (rows === undefined) {
        byRank.set(rank, [row]);
      } else {
        rows.push(row);
      }
    };
    for (let row = 0; row < this.rows; row++) {
      const thing = this.thing[row];
      if (filter !== null && !filter(thing)) {
        continue;
      }
      const rank = query.rank(row, thing);
      if (rank < 0) {
        continue;
      }
      if (matchedOf(rank) <= SUBSTRING && !query.isEmpty) {
        byName[thing] = 1;
        add(rank, row);
      } else if (this.own[row]) {
        others.push(rank, row);
      }
    }
    // The names of a thing say more of it than its description does.
    for (let at = 0; at < others.length; at += 2) {
      const row = others[at + 1];
      if (!byName[this.thing[row]]) {
        add(others[at], row);
      }
    }
    return { byRank, total };
  }

  near(query) {
    if (query.isEmpty) {
      return [];
    }
    const byRank = new Map();
    for (let row = 0; row < this.rows; row++) {
      const thing = this.thing[row];
      const rank = query.rankOfMisspelling(row, thing);
      if (rank >= 0) {
        const rows = byRank.get(rank) ?? [];
        rows.push(row);
        byRank.set(rank, rows);
      }
    }
    return this.best(byRank, FUZZY_HITS);
  }

  /// What became of things that had this name once.
  formerly(former, text) {
    const name = text.replace(/^@+/u, "");
    return former.filter((one) => {
      const short = one.name.includes("/") ? one.name.slice(one.name.indexOf("/") + 1) : null;
      const member = short?.includes(".") ? short.slice(short.lastIndexOf(".") + 1) : null;
      return one.name === name || short === name || member === name;
    });
  }

  /// The hits of the best ranks.
  best(byRank, most) {
    const hits = [];
    for (const rank of [...byRank.keys()].sort((one, other) => one - other)) {
      for (const row of byRank.get(rank)) {
        if (hits.length === most) {
          return hits;
        }
        hits.push({ row, thing: this.thing[row], matched: matchedOf(rank) });
      }
    }
    return hits;
  }

  /// The systems of a column, such as those on which a thing is broken.
  systemsOf(column, thing) {
    return this.systems.filter((_, place) => hasSystem(column[thing], place));
  }

  repoOf(thing) {
    return this.repo[thing] >= 0 ? this.repos[this.repo[thing]].name : "";
  }

  ownerOf(thing) {
    return this.owner[thing] >= 0 ? this.sigs[this.owner[thing]].name : "";
  }

  /// What to type for a hit.
  reference({ row, thing }) {
    const own = this.references.get(thing);
    if (this.own[row] && own !== undefined) {
      return own;
    }
    return this.flake[thing] >= 0 ? `${this.flakes[this.flake[thing]]}#${this.shown[row]}` : "";
  }

  /// The page of a hit, relative to the root; the rule is that of `aux-site/src/address.rs`.
  page({ thing }) {
    const repo = this.repoOf(thing);
    const name = this.nameOf[thing];
    const of = this.partOf.get(thing) ?? "";
    switch (this.kinds[this.kind[thing]]) {
      case "member":
        return `sets/${repo}/${of}/${name}.html`;
      case "module":
        return `modules/${repo}/${name}.html`;
      case "option":
        return `modules/${repo}/${of}.html#option-${encodeURIComponent(name)}`;
      case "overlay":
        return `overlays/${repo}/${name}.html`;
      case "repo":
        return `repos/${name}.html`;
      case "sig":
        return `sigs/${name}.html`;
      case "person":
        return `people/${name}.html`;
      default:
        return `packages/${repo}/${name}.html`;
    }
  }
}
