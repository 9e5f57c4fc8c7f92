#!/bin/sh
echo "gdm @version@ @tls@ (zlib @zlib_version@)"
