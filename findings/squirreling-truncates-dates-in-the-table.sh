#!/usr/bin/env bash
# Question: squirreling, the SQL engine of the makers of hyparquet, "mostly follows the SQL standard", in the browser.
#   Do GROUP BY, DISTINCT, NOT and date_trunc give what they give elsewhere?
# Guess: Yes; what it lacks, such as stddev, is an error.
# What happens: Keys of several columns are joined by "|": ('Drama|War', 'US') and ('Drama', 'War|US') are one group,
#   and one distinct row; MovieLens, for one, writes genres this way. A missing genre and the text NULL are one group.
#   "not (votes > 3)" keeps rows without votes, and "votes not in (3, null)" returns rows. The sum of 64-bit ids is a
#   DOUBLE, without its last digits. date_trunc('quarter', ...) and ('week', ...) return the day unchanged, and
#   date_trunc('month', day) changes the table: a later query finds the first of the month in each row. None of this is
#   an error. SQLite (sql.js) gives what SQL says.
# Versions: squirreling 0.12.11, sql.js 1.16.0.
# For a user: Make the key one text that cannot collide, such as genre || '\n' || region, pass copies of dates, and test
#   for NULL. The source says "Strings must be stringified to avoid collisions when joined", but does not do so.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private": true}' >package.json
npm install --silent --no-audit --no-fund --no-package-lock squirreling@0.12.11 sql.js@1.16.0

cat >query.mjs <<'JS'
import { readFileSync } from 'node:fs'
import initSqlJs from 'sql.js'
import { collect, executeSql } from 'squirreling'

console.log('squirreling', JSON.parse(readFileSync('node_modules/squirreling/package.json')).version)
const sqlite = new (await initSqlJs()).Database()
sqlite.run("create table films (id, genre, region, votes); insert into films values (1, 'Drama|War', 'US', 10), (2, 'Drama', 'War|US', 3), (3, null, 'US', null), (4, 'NULL', 'US', 5)")
const films = sqlite.exec('select * from films')[0].values.map(([id, genre, region, votes]) => ({ id, genre, region, votes }))
const ids = [{ id: 9007199254740993n, day: new Date('2024-06-12') }, { id: 2n, day: new Date('2024-05-01') }]
const show = value => value instanceof Date ? value.toISOString().slice(0, 10) : value

async function expect(query, want) {
  const rows = await collect(executeSql({ tables: { films, ids }, query }))
  const got = JSON.stringify(rows.map(row => Object.values(row).map(show)))
  console.log(query)
  if (!query.includes('from ids')) console.log('   SQLite:     ', JSON.stringify(sqlite.exec(query)[0]?.values ?? []))
  console.log('   squirreling:', got)
  if (got !== want) {
    console.log(`CHANGED: was ${want}`)
    process.exit(1)
  }
}

await expect('select genre, region, count(*) as n from films group by genre, region', '[["Drama|War","US",2],[null,"US",2]]')
await expect('select distinct genre, region from films', '[["Drama|War","US"],[null,"US"]]')
await expect('select genre, sum(votes) as votes from films group by genre', '[["Drama|War",10],["Drama",3],[null,5]]')
await expect('select id from films where not (votes > 3)', '[[2],[3]]')
await expect('select id from films where votes not in (3, null)', '[[1],[4]]')
await expect('select sum(id) as total from ids', '[[9007199254740994]]')
await expect("select date_trunc('quarter', day) as quarter, date_trunc('week', day) as week from ids", '[["2024-06-12","2024-06-12"],["2024-05-01","2024-05-01"]]')
await expect("select date_trunc('month', day) as m from ids", '[["2024-06-01"],["2024-05-01"]]')
await expect('select day from ids', '[["2024-06-01"],["2024-05-01"]]')
JS
node query.mjs
