// npm dcql 3.0.0 answers the cases that Kist's own engine is tested with, and every disagreement is printed.
//
//   node dcql.mjs ../../vectors/dcql/cases.json
//
// A case's `peer` says where the two are known to differ, and why.

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DcqlQuery } from 'dcql';

const path = process.argv[2];
const { credentials, cases, invalid } = JSON.parse(await readFile(path, 'utf8'));

function forPeer({ format, types, claims, authority, holder_binding = true }) {
  const mdoc = format === 'mso_mdoc';
  return {
    credential_format: format,
    cryptographic_holder_binding: holder_binding,
    ...(mdoc ? { doctype: types[0], namespaces: claims } : { vct: types[0], claims }),
    ...(authority && { authority: { type: authority.type, values: [authority.value] } }),
  };
}

function parse(query) {
  const parsed = DcqlQuery.parse(query);
  DcqlQuery.validate(parsed);
  return parsed;
}

function answer({ query, credentials: names }) {
  const result = DcqlQuery.query(parse(query), names.map((name) => forPeer(credentials[name])));
  const matches = Object.entries(result.credential_matches).map(([id, match]) => [
    id,
    (match.valid_credentials ?? []).map((valid) => [
      names[valid.input_credential_index],
      query.credentials.find((asked) => asked.id === id).claim_sets ? valid.claims.valid_claim_sets[0].claim_set_index : null,
    ]),
  ]);
  return JSON.stringify([result.can_be_satisfied, matches.sort()]);
}

function expected({ satisfiable, matches }) {
  const ours = Object.entries(matches).map(([id, found]) => [id, found.map((match) => [match.credential, match.claim_set])]);
  return JSON.stringify([satisfiable, ours.sort()]);
}

function attempt(run) {
  try {
    return run();
  } catch {
    return 'refused';
  }
}

let agreed = 0;
function report(name, known, agrees, told) {
  if (agrees) agreed += 1;
  else console.log(`${known ? 'known' : 'NEW'}: ${name}: ${known ?? told}`);
  if (agrees && known) console.log(`NEW: ${name}: no longer differs`);
}

for (const item of cases) {
  const query = item.query ?? JSON.parse(await readFile(join(dirname(path), 'openid4vp', `${item.file}.json`), 'utf8'));
  const told = attempt(() => answer({ ...item, query }));
  report(item.name, item.peer, told === expected(item), told);
}
for (const item of invalid) {
  const told = attempt(() => (parse(item.query), 'accepted'));
  report(item.name, item.peer, told === 'refused', told);
}
console.log(`${agreed} of ${cases.length + invalid.length} agree`);
