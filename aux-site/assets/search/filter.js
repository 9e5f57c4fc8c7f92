// Which things are wanted, as `aux-search/src/filter.rs` has it; in the address, so that a search can
// be linked.

import { hasSystem } from "./index.js";

/// The keys of the address.
export const KEYS = ["kind", "sig", "repo", "tier", "system", "license", "broken", "unfree"];

/// Whether a key of the address asks for something: `broken=0` does not.
export function isOn(value) {
  return value != null && value !== "" && value !== "0";
}

const BUILT = ["package", "builder", "member"];

/// A function of a thing from what the address asks for; null where everything is wanted. A value
/// that the family does not know lets nothing through.
export function filterOf(index, asked) {
  const tests = [];
  const built = BUILT.map((kind) => index.kinds.indexOf(kind));
  const isBuilt = (thing) => built.includes(index.kind[thing]);
  const is = (key, known, column) => {
    const value = asked.get(key);
    if (value) {
      const number = known.indexOf(value);
      tests.push((thing) => number >= 0 && column(thing) === number);
    }
  };
  is("kind", index.kinds, (thing) => index.kind[thing]);
  is("sig", index.sigs.map((sig) => sig.name), (thing) => index.owner[thing]);
  is("repo", index.repos.map((repo) => repo.name), (thing) => index.repo[thing]);
  is("tier", index.tiers, (thing) => index.repos[index.repo[thing]]?.tier);
  const license = asked.get("license");
  if (license) {
    const numbers = index.licenses
      .map((known, number) => (known.toLowerCase() === license.toLowerCase() ? number : -1))
      .filter((number) => number >= 0);
    tests.push(
      (thing) =>
        numbers.includes(index.license[thing]) ||
        (index.moreLicenses.get(thing) ?? []).some((one) => numbers.includes(one)),
    );
  }
  const system = asked.get("system");
  const place = index.systems.indexOf(system);
  const has = (column, thing) => (system ? place >= 0 && hasSystem(column[thing], place) : column[thing] > 0);
  if (system) {
    tests.push((thing) => isBuilt(thing) && has(index.forSystems, thing));
  }
  if (isOn(asked.get("broken"))) {
    tests.push((thing) => isBuilt(thing) && has(index.broken, thing));
  }
  if (isOn(asked.get("unfree"))) {
    tests.push((thing) => index.unfree[thing] === 1);
  }
  return tests.length === 0 ? null : (thing) => tests.every((test) => test(thing));
}
