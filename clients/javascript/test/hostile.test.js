import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Endpoint, follow, Publisher, RetryPolicy } from '../dist/index.js';
import { dataOf, event, idOf, scripted, stream } from './support/scripted.js';

const QUICK = new RetryPolicy({ first: 10, longest: 50, giveUpAfter: 0 });
const MALFORMED = 'MalformedStreamError';

async function endless(t, start, piece, begin = stream) {
  let sent = 0;
  function* pieces() {
    yield start;
    for (;; sent += piece.length) yield piece;
  }
  const url = await scripted(t, (_, response) => {
    pipeline(Readable.from(pieces(), { objectMode: false }), begin(response)).catch(() => undefined);
  });
  return { url, sent: () => sent };
}

test('a line without end ends the stream, and its bytes are not taken', { timeout: 20_000 }, async (t) => {
  const { url, sent } = await endless(t, 'data: ', Buffer.alloc(64 * 1024, 'x'));
  await assert.rejects(follow(url, { retry: QUICK }).next(), (e) => {
    assert.equal(e.name, MALFORMED);
    assert.match(e.message, /127\.0\.0\.1:\d+ sent .* line is longer than 1048576 bytes/);
    return true;
  });
  assert.ok(sent() < 16 << 20, `sent=${sent()}`);
});

test('an event without end ends the stream', { timeout: 20_000 }, async (t) => {
  const { url, sent } = await endless(t, ':\n', Buffer.from(`data: ${'x'.repeat(1000)}\n`.repeat(60)));
  await assert.rejects(follow(url, { retry: QUICK }).next(), { name: MALFORMED, message: /event is longer/ });
  assert.ok(sent() < 24 << 20, `sent=${sent()}`);
});

test('what was not asked for waits in the network', { timeout: 20_000 }, async (t) => {
  const { url, sent } = await endless(t, event(idOf(1), 'insert', dataOf('a')), Buffer.from(':\n'.repeat(30_000)));
  const held = follow(url);
  await held.next();
  let before;
  do {
    before = sent();
    await new Promise((go) => setTimeout(go, 300));
  } while (sent() !== before); // or the test's time is up
  assert.ok(sent() < 32 << 20, `sent=${sent()}`);
  await held.close();
});

for (const [name, body, expected] of [
  ['garbage that never was a stream', Buffer.from(Array.from({ length: 3 << 20 }, (_, i) => (i * 7919) % 251 + 14)), /line is longer/],
  ['an id that is none of ours', event('x'.repeat(5000), 'insert', dataOf('a')), /no event id: id x{200}…/],
  ['an id in upper case', event('6920C0DE0001000000000A2F', 'live'), /id/],
  ['an id with NUL, which is passed over', event(`6920c0de000100000000\0a2f`, 'live'), /the id is no event id: id ,/],
  ['data that is no operation', event(idOf(1), 'insert', '[]'), /no JSON object/],
]) {
  test(`an error is clear: ${name}`, { timeout: 20_000 }, async (t) => {
    const url = await scripted(t, (_, response) => stream(response).write(body));
    await assert.rejects(follow(url, { retry: QUICK }).next(), { name: MALFORMED, message: expected });
  });
}

test('what came before it is handed out', { timeout: 20_000 }, async (t) => {
  const url = await scripted(t, (_, response) =>
    stream(response).write(event(idOf(1), 'insert', dataOf('a')) + event(idOf(2), 'insert', '{')),
  );
  const broken = follow(url);
  assert.equal((await broken.next()).value.id, 'a');
  await assert.rejects(broken.next(), { name: MALFORMED });
  assert.equal(broken.lastEventId, idOf(1));
});

test('what broke the form is not passed over by who asks again', { timeout: 20_000 }, async (t) => {
  const events = [event(idOf(1), 'insert', dataOf('a')), event(idOf(2), 'insert', '{'), event(idOf(3), 'insert', dataOf('c'))];
  const url = await scripted(t, (_, response) => stream(response).write(events.join('')));
  const broken = follow(url);
  await broken.next();
  for (let again = 0; again < 3; again++) await assert.rejects(broken.next(), { name: MALFORMED });
  assert.equal(broken.lastEventId, idOf(1));
});

test('an event that is kept keeps nothing of what came with it', { timeout: 30_000 }, async (t) => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc');
  const much = JSON.stringify({ ...JSON.parse(dataOf('a')), more: 'x'.repeat(30_000) });
  const count = 2000;
  function* events() {
    for (let n = 1; n <= count; n++) yield event(idOf(n), 'insert', much);
  }
  const url = await scripted(t, (_, response) => Readable.from(events()).pipe(stream(response)));
  const following = follow(url);
  const kept = [(await following.next()).value];
  gc();
  const before = process.memoryUsage().heapUsed;
  while (kept.length < count) kept.push((await following.next()).value);
  gc();
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 15e6, `${grown} bytes for ${kept.length} events`);
  await following.close();
});

for (const [name, status, headers, reason] of [
  ['a page', 200, { 'Content-Type': 'text/html' }, 'NOT_OPLOG'],
  ['a packed stream', 200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' }, 'NOT_OPLOG'],
  ['a redirect', 302, { Location: 'http://user:secret@example.com/?x' }, 'NOT_OPLOG'],
]) {
  test(`refused: ${name}`, { timeout: 20_000 }, async (t) => {
    const url = await scripted(t, (_, response) => response.writeHead(status, headers).end('x'.repeat(99)));
    await assert.rejects(follow(url, { retry: QUICK }).next(), (e) => {
      assert.deepEqual([e.name, e.reason, e.status], ['RefusedError', reason, status]);
      assert.doesNotMatch(e.message, /secret/);
      return true;
    });
  });
}

test('a refusal whose body is broken off, or does not come, is one', { timeout: 20_000 }, async (t) => {
  const detail = '{"detail":"a filter that';
  const answers = [
    (response) => response.write(detail, () => response.destroy()),
    (response) => response.write(detail),
  ];
  for (const answer of answers) {
    const url = await scripted(t, (_, response) => answer(response.writeHead(400, { 'Content-Length': 1000 })));
    await assert.rejects(follow(url, { silence: 300, retry: QUICK }).next(), { reason: 'INVALID', detail });
  }
});

test('a refusal whose body cannot be unpacked is one, and may be waited for no longer', { timeout: 20_000 }, async (t) => {
  const answer = 'HTTP/1.1 400 Bad Request\r\nContent-Encoding: br\r\n\r\nnot packed'; // to the connection's end
  const url = await scripted(t, (_, response) => response.socket.end(answer));
  await assert.rejects(follow(url, { silence: 300, retry: QUICK }).next(), { reason: 'INVALID', detail: '' });
  const retry = new RetryPolicy({ first: 1, longest: 1, giveUpAfter: 300 });
  await assert.rejects(new Publisher(url, { retry }).publish({ kind: 'insert', type: 'v', id: '1' }), { reason: 'INVALID' });
  const waiting = follow(url);
  const next = assert.rejects(waiting.next(), { name: 'ClosedError' });
  await new Promise((go) => setTimeout(go, 100));
  await waiting.close();
  await next;
});

test('a refusal whose body does not end is one', { timeout: 20_000 }, async (t) => {
  const { url } = await endless(t, 'x', 'x'.repeat(9999), (response) => response.writeHead(400));
  await assert.rejects(follow(url, { retry: QUICK }).next(), (e) => e.reason === 'INVALID' && e.detail.length === 501);
});

test('silence is a failure, in the head and in the body', { timeout: 20_000 }, async (t) => {
  let requests = 0;
  const url = await scripted(t, (_, response) => {
    requests++;
    if (requests === 2) stream(response).write(':\n');
    if (requests === 3) stream(response).write(event(idOf(1), 'live'));
  });
  const lost = [];
  const silent = follow(url, { silence: 100, retry: QUICK, onLost: (e) => lost.push(e.message) });
  assert.equal((await silent.next()).value.kind, 'live');
  assert.equal(lost.length, 2);
  for (const message of lost) assert.match(message, /was silent for 100 ms/);
  await silent.close();
});

test('a head that is no HTTP is tried again', { timeout: 20_000 }, async (t) => {
  const server = createServer((socket) => socket.on('error', () => undefined).end('\0\0garbage\r\n\r\n'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const retry = new RetryPolicy({ first: 5, longest: 10, giveUpAfter: 100 });
  const url = `127.0.0.1:${server.address().port}`;
  await assert.rejects(follow(url, { retry }).next(), { name: 'UnavailableError', message: /no connection to/ });
});

test("the server's wait is kept to, and where it goes on", { timeout: 20_000 }, async (t) => {
  const asked = [];
  const url = await scripted(t, (request, response) => {
    asked.push(request.headers['last-event-id']);
    if (asked.length === 1) stream(response).end(`retry: 20000\n${event(idOf(1), 'live')}`);
    if (asked.length === 2) response.writeHead(503, { 'Retry-After': '1' }).end();
    if (asked.length === 3) stream(response).end(event(idOf(2), 'progress') + event(idOf(3), 'later'));
    if (asked.length === 4) stream(response).write(event(idOf(3), 'later') + event(idOf(4), 'live'));
  });
  const waits = [];
  const retry = new RetryPolicy({ first: 1, longest: 40, giveUpAfter: 0 });
  const waiting = follow(url, { retry, from: '0', onLost: (_, wait) => waits.push(wait) });
  await waiting.next();
  assert.equal((await waiting.next()).value.eventId, idOf(4));
  assert.deepEqual(asked, ['0', idOf(1), idOf(1), idOf(2)]);
  assert.ok(waits[0] >= 20 && waits[0] <= 40 && waits[1] === 1000 && waits[2] <= 40, String(waits));
  await waiting.close();
});

test('an endpoint is shown without its passwords', async () => {
  const endpoint = new Endpoint('http://localhost:8042/ops/', { password: 'secret', ingestPassword: 'hidden' });
  const { inspect } = await import('node:util');
  for (const text of [`${endpoint}`, JSON.stringify({ endpoint }), inspect(endpoint), inspect(follow(endpoint), { depth: 9 })]) {
    assert.doesNotMatch(text, /secret|hidden/);
  }
  assert.equal(`${endpoint}`, 'http://localhost:8042');
  assert.throws(() => new Endpoint('http://u:secret@h'), (e) => !e.message.includes('secret'));
  assert.throws(() => new Endpoint('ftp://h'), TypeError);
  assert.equal(`${new Endpoint('localhost:8042')}`, 'http://localhost:8042');
});
