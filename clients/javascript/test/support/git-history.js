import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Eleven years of a repository's files: the operations, and the objects that exist at the end. */
function lines(name) {
  const path = new URL(`../../../../testkit/src/main/resources/fixtures/git-history.${name}.ndjson.gz`, import.meta.url);
  return gunzipSync(readFileSync(path)).toString().trim().split('\n').map((line) => JSON.parse(line));
}

export function operations() {
  return lines('ops').map(({ event, ...rest }) => ({ kind: event, ...rest }));
}

export function tree() {
  return lines('tree');
}
