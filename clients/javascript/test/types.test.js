import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const STRICT = {
  noEmit: true,
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
};
const USE = `
import { EventStream, follow, Mirror, process as handle, Publisher, RefusedError, type StreamEvent } from 'oplog-client';
const stream: EventStream = follow('localhost', { types: ['video'], from: new Date() });
for await (const event of stream) {
  const all: StreamEvent = event;
  if (event.kind === 'reset') console.log(event.reason);
  else if (event.kind !== 'live') console.log(event.parents.length, event.ref?.length);
  stream.acknowledge(all);
}
await handle(stream, async ({ eventId }) => eventId.length, { concurrency: 2 }).catch(() => undefined);
const saved = new Map<string, string>();
follow('localhost', { store: { load: async () => saved.get('x'), save: async (checkpoint) => saved.set('x', checkpoint) } });
const id: string | null = await new Publisher('localhost').publish({ kind: 'insert', type: 'video', id: '1' });
const mirror = new Mirror<number>('localhost', {
  fetch: async ({ id }) => id.length,
  target: {
    load: async () => undefined,
    commit: async (changes) => changes.forEach((one) => one.kind === 'put' && one.object.toFixed()),
  },
  onDeadLetter: (_, e) => (e instanceof RefusedError && e.reason === 'INVALID' ? 'skip' : 'stop'),
});
await mirror.run().catch(() => id);
// @ts-expect-error a stream is of a server
new EventStream();
`;

/** A folder of somebody who installed the library. */
function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'oplog-js-'));
  t.after(() => rmSync(path, { recursive: true }));
  mkdirSync(join(path, 'node_modules'));
  symlinkSync(ROOT, join(path, 'node_modules', 'oplog-client'));
  symlinkSync(join(ROOT, 'node_modules', '@types'), join(path, 'node_modules', '@types'));
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }');
  return path;
}

const readmesTypes = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/```ts\n(.*?)```/s)[1];

for (const [name, options, more] of [
  [
    'Node',
    { module: 'nodenext', lib: ['es2022'], types: ['node'] },
    "import { FileCheckpointStore } from 'oplog-client/node';\nfollow('h', { store: new FileCheckpointStore('p') });",
  ],
  [
    'a bundler',
    { module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom'], types: [] },
    `${readmesTypes}\nfollow('h', { store });`,
  ],
]) {
  test(`strict types are right for ${name}`, { timeout: 60_000 }, async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, 'use.ts'), USE + more);
    const compilerOptions = { ...STRICT, ...options };
    writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
    const compile = promisify(execFile)(process.execPath, [TSC], { cwd });
    assert.equal((await compile.catch((e) => e)).stdout, '');
  });
}
