const version = process.argv[2];
console.log(`node-gyp ${version} (node ${process.version})`);
