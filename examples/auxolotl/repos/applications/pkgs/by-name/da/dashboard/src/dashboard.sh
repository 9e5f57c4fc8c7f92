#!/bin/sh
set -e
export NODE_PATH=@modules@
@node@ @modules@/dashboard/index.js @version@
@packager@
