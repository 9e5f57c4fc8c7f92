// A page that is opened as a file loads no modules and reads no index, so it says what to do.
if (location.protocol === "file:") {
  document.getElementById("opened").hidden = false;
}
