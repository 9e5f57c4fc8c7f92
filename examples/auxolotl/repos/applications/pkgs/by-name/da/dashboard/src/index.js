const bundle = require("bundle-b");
const version = process.argv[2];
const libraries = `OpenSSL ${process.versions.openssl}, zlib ${process.versions.zlib}`;
console.log(`dashboard ${version}`);
console.log(`node ${process.version} with ${libraries}`);
console.log(`bundle-b ${bundle.version}, bundled by ${bundle.bundler}`);
