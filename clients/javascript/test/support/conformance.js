import { readFileSync } from 'node:fs';

/** The cases that all client libraries run. */
export function cases(name) {
  const path = new URL(`../../../conformance/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, 'utf8'));
}
