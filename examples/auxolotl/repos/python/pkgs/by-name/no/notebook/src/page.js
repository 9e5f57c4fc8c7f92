// Writes the page that notebooks are shown in.
const version = process.argv[2];
console.log("<!DOCTYPE html>");
console.log(`<title>notebook ${version}</title>`);
console.log(`<meta name="generator" content="node ${process.version}">`);
