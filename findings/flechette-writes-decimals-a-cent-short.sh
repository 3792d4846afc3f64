#!/usr/bin/env bash
# Question: Amounts such as 0.29 go into an Arrow column of type decimal(12, 2) in JavaScript, once by flechette, once
#   as whole cents, and are read by flechette and by apache-arrow. Which amounts come out?
# Guess: The same four times: Arrow fixes how a decimal is stored, and the type says where the point is.
# What happens: flechette stores 0.28: it cuts off the product with 100, which is 28.999999999999996. 1.15 and 4.35 lose
#   a cent, too; of the amounts from 0.01 to 99.99 573 do. A column of whole cents (29n) is right, and flechette reads
#   it as 0.29 (but 1.14 as 1.1400000000000001). apache-arrow forgets the point: Number(value) and a sum are a hundred
#   times too large, and value > 1 is true for 0.29. JSON has the text "\"29\"", with quotes of its own.
# Versions: @uwdata/flechette 2.6.0, apache-arrow 21.2.0.
# For a user: Give flechette whole cents as BigInt. Of apache-arrow's decimals, divide by 10 ** type.scale, or call
#   value.valueOf(type.scale). What apache-arrow does is known (issue 77 of arrow-js), and open since 2023.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock @uwdata/flechette@2.6.0 apache-arrow@21.2.0

cat >amounts.mjs <<'JS'
import { readFileSync } from 'node:fs'
import * as flechette from '@uwdata/flechette'
import * as arrow from 'apache-arrow'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

for (const name of ['@uwdata/flechette', 'apache-arrow']) {
  console.log(name, JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version)
}
const bytes = values => flechette.tableToIPC(flechette.tableFromArrays({ v: values }, { types: { v: flechette.decimal(12, 2) } }), { format: 'file' })
const byFlechette = values => [...flechette.tableFromIPC(bytes(values)).getChild('v')]
const byArrow = values => arrow.tableFromIPC(bytes(values)).getChild('v')

const amounts = [0.29, 1.15, -1.1, 4.35]
const cents = [29n, 115n, -110n, 435n]
expect('flechette, amounts', byFlechette(amounts), [0.28, 1.1400000000000001, -1.1, 4.34])
expect('flechette, cents', byFlechette(cents), [0.29, 1.15, -1.1, 4.35])
const all = Array.from({ length: 9999 }, (_, i) => (i + 1) / 100)
expect('1.14 and 19.14 of whole cents', byFlechette([114n, 1914n]), [1.1400000000000001, 19.14])
expect('amounts below 100 that lose a cent', byFlechette(all).filter((v, i) => v < all[i] - 0.005).length, 573)

const column = byArrow(cents)
const values = [...column]
expect('apache-arrow, type', String(column.type), 'Decimal[12e+2]')
expect('apache-arrow, cents', values.map(Number), [29, 115, -110, 435])
expect('apache-arrow, sum', values.reduce((sum, v) => sum + Number(v), 0), 469)
expect('apache-arrow, v > 1', values.map(v => v > 1), [true, true, false, true])
expect('apache-arrow, JSON', JSON.stringify(values[0]), '"\\"29\\""')
expect('apache-arrow, valueOf(scale)', values.map(v => v.valueOf(column.type.scale)), [0.29, 1.15, -1.1, 4.35])
JS
node amounts.mjs
