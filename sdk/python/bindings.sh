#!/bin/sh
# Writes what componentize-py makes of the contract to a folder, for reading and for editors: `./bindings.sh /tmp/bindings`.
#
# Nothing of it is kept in the repository: componentize-py makes the real modules at every build.
set -eu
cd "$(dirname "$0")"
[ $# -eq 1 ] || { echo "usage: bindings.sh FOLDER" >&2; exit 2; }
componentize-py -d ../../wit -w scoring bindings "$1"
