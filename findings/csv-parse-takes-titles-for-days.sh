#!/usr/bin/env bash
# Question: csv-parse reads a CSV file of films with cast: true and cast_date: true, which convert "to native types" and
#   "attempt to parse date". What becomes of titles, and of hexadecimal codes?
# Guess: Titles stay texts; 0x1F is 31, or stays a text; 2024-01-05 is a Date.
# What happens: Each cell is decided by itself, by JavaScript's Date.parse: "Alien 3" becomes 1 March 2001, "Toy Story
#   4" 1 April 2001, "Blade Runner 2049" the year 2049 and "Fahrenheit 9/11" 11 September 2001, while "Alien" in the row
#   above stays a text. With cast alone every code that begins with 0x becomes 0, so all codes are equal; 007 becomes 7.
#   Vega decides by column, but alike: a column of such titles is one of dates, if the format is "parse: auto". Papa
#   Parse (dynamicTyping) takes ISO dates only, and leaves 0x1F a text.
# Versions: csv-parse 7.0.3, papaparse 5.7.1, vega-loader 5.1.3, Node 20.
# For a user: Groups and joins by title lose the sequels, and codes collapse. Give cast a function that looks at
#   context.column. The documentation says that Date.parse decides (issue 342 of node-csv), and nothing of codes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock csv-parse@7.0.3 papaparse@5.7.1 vega-loader@5.1.3

cat >films.mjs <<'JS'
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import Papa from 'papaparse'
import { inferType, read } from 'vega-loader'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

for (const name of ['csv-parse', 'papaparse', 'vega-loader']) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version)
}
const films = 'title,code\nAlien,0x1F\nAlien 3,0xA2\nToy Story 4,007\nBlade Runner 2049,A7\nFahrenheit 9/11,0xFF\n'
const show = value => value instanceof Date ? `Date ${value.toISOString().slice(0, 10)}` : value
const column = (rows, name) => rows.map(row => show(row[name]))

const dated = parse(films, { columns: true, cast: true, cast_date: true })
expect('csv-parse, title', column(dated, 'title'), ['Alien', 'Date 2001-03-01', 'Date 2001-04-01', 'Date 2049-01-01', 'Date 2001-09-11'])
const cast = parse(films, { columns: true, cast: true })
expect('csv-parse without cast_date, title', column(cast, 'title'), ['Alien', 'Alien 3', 'Toy Story 4', 'Blade Runner 2049', 'Fahrenheit 9/11'])
expect('csv-parse, code', column(cast, 'code'), [0, 0, 7, 'A7', 0])
const papa = Papa.parse(films, { header: true, dynamicTyping: true, skipEmptyLines: true }).data
expect('papaparse, title', column(papa, 'title'), ['Alien', 'Alien 3', 'Toy Story 4', 'Blade Runner 2049', 'Fahrenheit 9/11'])
expect('papaparse, code', column(papa, 'code'), ['0x1F', '0xA2', 7, 'A7', '0xFF'])
const sequels = films.replace('Alien,0x1F\n', '')
expect('vega-loader, title', inferType(read(sequels, { type: 'csv' }), 'title'), 'date')
JS
TZ=UTC node films.mjs
