// Writes the page that vikunja shows.
const version = process.argv[2];
console.log("<!DOCTYPE html>");
console.log(`<title>vikunja ${version}</title>`);
console.log("<p>Nothing to do.</p>");
