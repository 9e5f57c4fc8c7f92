// Writes the bundle, so that who loads it need not have what it was made from.
const version = process.argv[2];
console.log("// Bundled. The source is bundle.js.");
console.log(`exports.version = "${version}";`);
console.log(`exports.bundler = "node ${process.version}";`);
