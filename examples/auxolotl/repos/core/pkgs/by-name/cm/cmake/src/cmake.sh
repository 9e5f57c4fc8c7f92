#!/bin/sh
echo "@pname@ @version@ @window@"
