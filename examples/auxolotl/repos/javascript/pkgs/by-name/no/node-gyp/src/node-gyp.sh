#!/bin/sh
set -e
@node@ @out@/lib/node_modules/node-gyp/node-gyp.js @version@
@setup@
