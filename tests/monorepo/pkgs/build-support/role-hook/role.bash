role() { echo "$1"; }
