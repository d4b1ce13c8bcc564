import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { event, idOf, stream } from './support/scripted.js';

const LIBRARY = new URL('../dist/index.js', import.meta.url);

/** A server that closes as many connections as it is told, at once, and remembers what it is asked. */
async function closing(t, connections, answer) {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.method);
    request.resume();
    answer(request, response);
  });
  let left = connections;
  server.on('connection', (socket) => left-- > 0 && socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

/** What a process prints; its first request is that of the code. */
async function printed(code) {
  const all = `import { follow, Publisher } from '${LIBRARY}'; ${code}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', all], { timeout: 20_000 });
  return stdout;
}

const live = (_, response) => stream(response).write(event(idOf(1), 'live'));
const kindOf = (url) => `follow('${url}').next().then((one) => one.value.kind)`;

test('first connections that are closed at once are not waited for', { timeout: 30_000 }, async (t) => {
  const { url } = await closing(t, 2, live);
  assert.equal(await printed(`console.log(await Promise.all([${kindOf(url)}, ${kindOf(url)}])); process.exit();`), "[ 'live', 'live' ]\n");
});

test('one that is closed after others were refused is not waited for', { timeout: 30_000 }, async (t) => {
  const { url } = await closing(t, 1, live);
  const refused = "await follow('127.0.0.1:1', { retry: new RetryPolicy({ first: 0, longest: 0, giveUpAfter: 1 }) }).next().catch(() => undefined);";
  assert.equal(await printed(`import { RetryPolicy } from '${LIBRARY}'; ${refused} console.log(await ${kindOf(url)}); process.exit();`), 'live\n');
});

const publish = (url) => `console.log(await new Publisher('${url}').publish({ kind: 'insert', type: 'video', id: '1' }));`;

test('a first batch is stored once, however slow the answer', { timeout: 30_000 }, async (t) => {
  const { url, asked } = await closing(t, 0, ({ method }, response) => {
    if (method === 'POST') setTimeout(() => response.writeHead(204, { 'Oplog-Event-Id': idOf(1) }).end(), 3500);
    else response.writeHead(404).end();
  });
  assert.equal(await printed(publish(url)), `${idOf(1)}\n`);
  assert.deepEqual(asked, ['HEAD', 'POST']);
});

test('a first batch is stored, though the first connection is closed at once', { timeout: 30_000 }, async (t) => {
  const { url, asked } = await closing(t, 1, ({ method }, response) => {
    response.writeHead(method === 'POST' ? 204 : 200, { 'Oplog-Event-Id': idOf(1) }).end();
  });
  assert.equal(await printed(publish(url)), `${idOf(1)}\n`);
  assert.equal(asked.filter((method) => method === 'POST').length, 1);
});
