#!/usr/bin/env bash
# Question: Four films, two of them without a director, are queried by AlaSQL, the SQL of JavaScript arrays. Which film
#   gets which director's name, and which number within its director's films?
# Guess: As in SQL: NULL equals nothing, so "join ... on" leaves the two films out, and "partition by" counts for each
#   director anew.
# What happens: "join ... on" and "using" give both films the name of a director whose key is missing as well: the two
#   sides multiply. The same condition after "where" leaves them out. "row_number() over (partition by director ...)"
#   numbers all rows through, and "sum(votes) over (partition by ...)" is 0 in each row. "min" and "max" of texts are
#   undefined, and "not (votes > 3)" keeps missing votes. There is no error. SQLite (sql.js) gives what SQL says.
# Versions: alasql 4.19.1, sql.js 1.16.0.
# For a user: Remove rows without a key before a join, and take window functions from another engine, such as sql.js or
#   DuckDB. Comparisons with NULL are a known fault (issue 1414); "partition by" is an open wish (issue 1216), but is
#   accepted.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock alasql@4.19.1 sql.js@1.16.0

cat >query.cjs <<'JS'
const { readFileSync } = require('node:fs')
const alasql = require('alasql')
const initSqlJs = require('sql.js')

function expect(what, got, want) {
  console.log(`   alasql: ${JSON.stringify(got)}`)
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    console.log(`CHANGED: ${what} was ${JSON.stringify(want)}`)
    process.exit(1)
  }
}

const films = [[1, 'a', 10, 1990], [2, null, 5, 2000], [3, null, null, 2010], [4, 'a', 3, 2020]]
const directors = [['a', 'Ann'], [null, 'Unknown'], ['c', 'Cy']]

initSqlJs().then(SQL => {
  console.log('alasql', JSON.parse(readFileSync('node_modules/alasql/package.json')).version)
  const sqlite = new SQL.Database()
  for (const run of [query => alasql(query), query => sqlite.run(query)]) {
    run('create table films (id int, director text, votes int, yr int)')
    run('create table directors (director text, name text)')
  }
  for (const [table, rows] of [['films', films], ['directors', directors]]) {
    for (const row of rows) {
      const values = row.map(value => value === null ? 'null' : typeof value === 'string' ? `'${value}'` : value)
      for (const run of [query => alasql(query), query => sqlite.run(query)]) run(`insert into ${table} values (${values})`)
    }
  }

  function both(query, want) {
    console.log(query)
    console.log(`   SQLite: ${JSON.stringify((sqlite.exec(query)[0] ?? { values: [] }).values)}`)
    expect(query, alasql(query).map(row => Object.values(row).map(value => value === undefined ? 'undefined' : value)), want)
  }

  both('select f.id, d.name from films f join directors d on f.director = d.director', [[1, 'Ann'], [2, 'Unknown'], [3, 'Unknown'], [4, 'Ann']])
  both('select f.id, d.name from films f join directors d using (director)', [[1, 'Ann'], [2, 'Unknown'], [3, 'Unknown'], [4, 'Ann']])
  both('select f.id, d.name from films f, directors d where f.director = d.director', [[1, 'Ann'], [4, 'Ann']])
  both('select id, row_number() over (partition by director order by yr) as n from films', [[1, 1], [2, 2], [3, 3], [4, 4]])
  both('select id, sum(votes) over (partition by director) as s from films', [[1, 0], [2, 0], [3, 0], [4, 0]])
  both('select min(director) as a, max(director) as b from films', [['undefined', 'undefined']])
  both('select id from films where not (votes > 3)', [[3], [4]])
})
JS
node query.cjs
