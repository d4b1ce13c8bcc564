import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Publisher } from '../dist/index.js';
import { Server } from './support/server.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A folder in the package, so that its own name leads to it. */
function folder(t) {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const path = mkdtempSync(join(ROOT, 'build', 'readme-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test("the README's examples run", { timeout: 60_000 }, async (t) => {
  const server = await Server.started();
  t.after(() => server.close());
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const examples = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code.replaceAll('http://localhost:8042', server.url));
  const cwd = folder(t);
  const printed = [];
  for (const [n, code] of examples.entries()) {
    writeFileSync(join(cwd, `${n}.js`), code);
    printed.push((await promisify(execFile)(process.execPath, [`${n}.js`], { cwd, timeout: 20_000 })).stdout);
  }
  assert.deepEqual(printed, [
    "forget what you hold: requested\ninsert video x1 [ 'user/u1' ]\nthat was all; what follows is live\n",
    '',
    '1 replicated\n',
    'message hello 1\n',
  ]);
  assert.match(readFileSync(join(cwd, 'position'), 'utf8'), /^[0-9a-f]{24}\n$/);
});

test('the JSON mirror keeps a copy, and goes on with it', { timeout: 60_000 }, async (t) => {
  const server = await Server.started();
  t.after(() => server.close());
  const { scripted } = await import('./support/scripted.js');
  const api = await scripted(t, (request, response) => response.end(JSON.stringify({ path: request.url })));
  const copy = join(folder(t), 'copy.json');
  const publisher = new Publisher(server.url);
  for (const id of ['1', 'ü/2']) {
    await publisher.publish({ kind: 'insert', type: 'video', id });
    const env = { ...process.env, OPLOG_URL: server.url, API_URL: api };
    const running = execFile(process.execPath, [join(ROOT, 'examples/json-mirror.js'), copy], { env });
    t.after(() => running.kill());
    const has = () => {
      try {
        return `video/${id}` in JSON.parse(readFileSync(copy, 'utf8')).objects;
      } catch {
        return false;
      }
    };
    while (!has()) await new Promise((go) => setTimeout(go, 20));
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    assert.equal(await ended, 0);
  }
  const { objects, checkpoint } = JSON.parse(readFileSync(copy, 'utf8'));
  assert.deepEqual(objects['video/ü/2'].object, { path: '/video/%C3%BC%2F2' });
  assert.deepEqual(Object.keys(objects).length, 2);
  assert.match(checkpoint, / 1 live$/);
});
