#!/usr/bin/env bash
# Question: A Vega chart adds up votes by genre and region. Which bars does it draw?
# Guess: One for each pair of values, as "group by genre, region" has rows.
# What happens: The key of a group is the values' texts, joined by "|". So ("Drama|War", "US") and ("Drama", "War|US")
#   are one bar, with the sum of both and the names of the first; MovieLens writes its genres this way. A missing genre
#   and the genre "null" are one bar, and so are the number 1 and the text "1", also by genre alone. Arquero, by the
#   same group, quotes texts in its keys, and keeps all groups apart.
# Versions: vega 6.4.0, vega-lite 6.5.0, arquero 8.0.3, @uwdata/flechette 2.6.0.
# For a user: Bars merge without a word. Separate lists by another sign than the bar, write what is missing as a word of
#   its own, or aggregate before the chart.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock vega@6.4.0 vega-lite@6.5.0 arquero@8.0.3 @uwdata/flechette@2.6.0

cat >bars.mjs <<'JS'
import { from, op } from 'arquero'
import * as vega from 'vega'
import * as vegaLite from 'vega-lite'

function expect(what, got, want) {
  console.log(`${what}: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

console.log('vega', vega.version, '| vega-lite', vegaLite.version)
const films = [
  { genre: 'Drama|War', region: 'US', votes: 10 },
  { genre: 'Drama', region: 'War|US', votes: 3 },
  { genre: null, region: 'DE', votes: 5 },
  { genre: 'null', region: 'DE', votes: 1 },
  { genre: 1, region: 'FR', votes: 7 },
  { genre: '1', region: 'FR', votes: 2 },
]

/** The bars of a Vega-Lite chart: genre, region, sum of votes. */
async function bars(encoding) {
  const spec = vegaLite.compile({ data: { values: films }, mark: 'bar', encoding: { y: { aggregate: 'sum', field: 'votes' }, ...encoding } }).spec
  const view = await new vega.View(vega.parse(spec)).runAsync()
  return view.data(spec.data.at(-1).name).map(row => [row.genre, row.region ?? null, row.sum_votes])
}

const both = await bars({ x: { field: 'genre', type: 'nominal' }, color: { field: 'region', type: 'nominal' } })
expect('vega, genre and region', both, [['Drama|War', 'US', 13], [null, 'DE', 6], [1, 'FR', 9]])
const one = await bars({ x: { field: 'genre', type: 'nominal' } })
expect('vega, genre', one, [['Drama|War', null, 10], ['Drama', null, 3], [null, null, 6], [1, null, 9]])
const rows = from(films).groupby('genre', 'region').rollup({ votes: row => op.sum(row.votes) }).objects()
expect('arquero, genre and region', rows.map(row => Object.values(row)), [['Drama|War', 'US', 10], ['Drama', 'War|US', 3], [null, 'DE', 5], ['null', 'DE', 1], [1, 'FR', 7], ['1', 'FR', 2]])
JS
node bars.mjs
