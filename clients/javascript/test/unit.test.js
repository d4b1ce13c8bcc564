import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Acknowledgements } from '../dist/acknowledgements.js';
import { Live } from '../dist/events.js';
import { ClosedError, follow, Mirror, process as handle, Publisher, RetryPolicy, SseParser } from '../dist/index.js';
import { FileCheckpointStore } from '../dist/node/index.js';
import { pause } from '../dist/pause.js';
import { dataOf, event, idOf, scripted, stream } from './support/scripted.js';

test('waits double, are shortened by up to a half, and have an end', () => {
  const policy = new RetryPolicy({ first: 100, longest: 1000, giveUpAfter: 0 });
  const waits = (random) => [1, 2, 3, 4, 5, 99].map((failures) => policy.delay(failures, () => random));
  assert.deepEqual(waits(0), [100, 200, 400, 800, 1000, 1000]);
  assert.deepEqual(waits(1), [50, 100, 200, 400, 500, 500]);
  assert.equal(policy.startingWith(0).first, 100);
  assert.equal(policy.startingWith(9999).first, 1000);
  assert.equal(new RetryPolicy({ first: 500, longest: 1000, giveUpAfter: 0 }).startingWith(1).first, 100);
  assert.throws(() => new RetryPolicy({ first: 2, longest: 1, giveUpAfter: 0 }), /first=2 longest=1/);
});

test('bounds are counted in bytes, wherever chunks are cut', () => {
  const line = 'data: ' + 'ü€😀'.repeat(10); // 6 + 90 bytes
  for (const [maxLineBytes, passes] of [[96, true], [95, false]]) {
    for (const size of [1, 7, 1000]) {
      const feed = () => {
        const parser = new SseParser({ maxLineBytes });
        const bytes = Buffer.from(`${line}\n\n`);
        for (let at = 0; at < bytes.length; at += size) parser.feed(bytes.subarray(at, at + size), { onEvent() {} });
      };
      if (passes) feed();
      else assert.throws(feed, { name: 'MalformedStreamError' });
    }
  }
  const parser = new SseParser({ maxEventBytes: 7 });
  parser.feed(Buffer.from('data: üü\ndata: x\n\ndata: 1234567\n\n'), { onEvent() {} });
  assert.throws(() => parser.feed(Buffer.from('data: üü\ndata: xyz\n'), { onEvent() {} }), /event is longer than 7/);
});

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'oplog-js-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('a checkpoint is in its file alone, and nothing else is taken for one', async (t) => {
  const path = folder(t);
  const store = new FileCheckpointStore(join(path, 'checkpoint'));
  assert.equal(await store.load(), null);
  await store.save(idOf(1));
  await store.save(idOf(2));
  assert.equal(await store.load(), idOf(2));
  assert.deepEqual(readdirSync(path), ['checkpoint']);
  writeFileSync(join(path, 'checkpoint'), 'something');
  await assert.rejects(follow('localhost:1', { store }).next(), /no checkpoint/);
});

/** Remembers what is saved. */
class Saved {
  all = [];
  failing = false;
  load = async () => this.all.at(-1) ?? null;
  save = async (checkpoint) => {
    if (this.failing) throw new Error('the disk is full');
    this.all.push(checkpoint);
  };
}

const threeEvents = (t) =>
  scripted(t, (_, response) => stream(response).write([1, 2, 3].map((n) => event(idOf(n), 'insert', dataOf(`o${n}`))).join('')));

test('a checkpoint is saved so often at most, and at the end', { timeout: 10_000 }, async (t) => {
  const store = new Saved();
  const following = follow(await threeEvents(t), { store, saveEvery: 60_000 });
  for await (const one of following) {
    following.acknowledge(one);
    if (one.id === 'o2') break;
  }
  assert.deepEqual(store.all, [idOf(2)]);
  await assert.rejects(following.next(), ClosedError);
});

test('a checkpoint may be saved at the end alone', { timeout: 10_000 }, async (t) => {
  const store = new Saved();
  const following = follow(await threeEvents(t), { store, saveEvery: Infinity });
  for (let n = 0; n < 3; n++) {
    following.acknowledge((await following.next()).value);
    await new Promise((go) => setTimeout(go, 5));
  }
  assert.deepEqual(store.all, []);
  await following.close();
  assert.deepEqual(store.all, [idOf(3)]);
});

test('a file is replaced as a whole, also where a stream that was closed still saves', async (t) => {
  const path = folder(t);
  const store = new FileCheckpointStore(join(path, 'checkpoint'));
  await Promise.all(Array.from({ length: 20 }, (_, n) => store.save(idOf(n))));
  assert.equal(await store.load(), idOf(19));
  rmSync(path, { recursive: true });
  await assert.rejects(store.save(idOf(20)), { code: 'ENOENT' });
  mkdirSync(path);
  await store.save(idOf(21));
  assert.equal(await store.load(), idOf(21));
});

test('a store that has nothing may say so in its own way', { timeout: 10_000 }, async (t) => {
  const saved = new Map();
  const store = { load: async () => saved.get('position'), save: async (checkpoint) => saved.set('position', checkpoint) };
  const following = follow(await threeEvents(t), { store });
  following.acknowledge((await following.next()).value);
  await following.close();
  assert.equal(saved.get('position'), idOf(1));
});

test('a checkpoint that cannot be saved is told', { timeout: 10_000 }, async (t) => {
  const store = new Saved();
  store.failing = true;
  const following = follow(await threeEvents(t), { store, saveEvery: 1 });
  following.acknowledge((await following.next()).value);
  await assert.rejects(async () => {
    for (;;) {
      await new Promise(setImmediate);
      await following.next().then(({ value }) => following.acknowledge(value));
      if (following.lastEventId === idOf(3)) await following.close();
    }
  }, /the disk is full/);
});

test('what is acknowledged twice does not count for the next', { timeout: 10_000 }, async (t) => {
  const following = follow(await threeEvents(t));
  const [one, , three] = [await following.next(), await following.next(), await following.next()];
  for (const { value } of [one, one, three]) following.acknowledge(value);
  assert.equal(following.checkpoint, idOf(1));
  await following.close();
});

test('what is acknowledged after one that is not has a bound', { timeout: 60_000 }, () => {
  const acknowledgements = new Acknowledgements();
  const events = Array.from({ length: 1_000_003 }, (_, n) => new Live(idOf(n)));
  for (const one of events) acknowledgements.handOut(one);
  acknowledgements.acknowledge(events[0]);
  for (const one of events.slice(2, -1)) acknowledgements.acknowledge(one);
  const last = events.at(-1);
  const expected = { name: 'OplogError', message: new RegExp(`1000000 events .* after one that is not; .* ${idOf(0)}`) };
  assert.throws(() => acknowledgements.acknowledge(last), expected);
  assert.equal(acknowledgements.acknowledge(events[2]), false); // again: it needs no room
  assert.equal(acknowledgements.checkpoint, idOf(0));
  acknowledgements.acknowledge(events[1]);
  assert.equal(acknowledgements.checkpoint, events.at(-2).eventId);
  acknowledgements.acknowledge(last);
  assert.equal(acknowledgements.checkpoint, last.eventId);
});

test('what is no event of a stream changes nothing', { timeout: 10_000 }, async (t) => {
  const following = follow(await threeEvents(t));
  const { value } = await following.next();
  following.acknowledge({ ...value });
  assert.equal(following.checkpoint, null);
  await following.close();
});

test('what another stream handed out changes nothing', { timeout: 10_000 }, async (t) => {
  const url = await threeEvents(t);
  const [one, other] = [follow(url), follow(url)];
  const { value } = await one.next();
  await other.next();
  other.acknowledge(value);
  assert.equal(other.checkpoint, null);
  for (const each of [one, other]) await each.close();
});

test('one that waits hears that the stream is closed, by a signal too', { timeout: 10_000 }, async (t) => {
  const url = await scripted(t, (_, response) => stream(response));
  const abort = new AbortController();
  const waiting = [follow(url), follow(url, { signal: abort.signal }), follow('127.0.0.1:1')];
  const ends = waiting.map((one) => assert.rejects(one.next(), ClosedError));
  await assert.rejects(waiting[0].next(), TypeError); // it is pulled by one
  abort.abort();
  for (const one of waiting) await one.close();
  await Promise.all(ends);
});

test('one that waits for its store hears that the stream is closed', { timeout: 10_000 }, async () => {
  const store = { load: () => new Promise(() => undefined), save: async () => undefined };
  const waiting = follow('127.0.0.1:1', { store });
  const end = assert.rejects(waiting.next(), ClosedError);
  await waiting.close();
  await end;
});

test('a signal holds no stream that is over', { timeout: 10_000 }, async (t) => {
  const refusing = await scripted(t, (_, response) => response.writeHead(400).end());
  const { signal } = new AbortController();
  const heeded = () => getEventListeners(signal, 'abort').length;
  for (let n = 0; n < 3; n++) await assert.rejects(follow(refusing, { signal }).next(), { reason: 'INVALID' });
  const target = { load: async () => null, commit: async () => undefined };
  const mirror = new Mirror(refusing, { signal, target, fetch: async () => null });
  for (let n = 0; n < 3; n++) await assert.rejects(mirror.run(), { reason: 'INVALID' });
  assert.equal(heeded(), 0);
  const following = follow(await threeEvents(t), { signal });
  await following.next();
  assert.equal(heeded(), 1);
  await following.close();
  assert.equal(heeded(), 0);
  await assert.rejects(follow(refusing, { signal: AbortSignal.abort() }).next(), ClosedError);
});

test('what a listener throws is told, and is no failure of the connection', { timeout: 10_000 }, async (t) => {
  let connections = 0;
  const url = await scripted(t, (_, response) => {
    connections++;
    stream(response).write(event(idOf(1), 'live'));
  });
  const onConnected = () => {
    throw new Error('listener');
  };
  const lost = [];
  await assert.rejects(follow(url, { onConnected, onLost: (e) => lost.push(e) }).next(), /^Error: listener$/);
  assert.deepEqual([connections, lost], [1, []]);
});

test('options that cannot be meant are refused', () => {
  assert.throws(() => follow('h', { types: 'video' }), { name: 'TypeError', message: /lists: video/ });
  assert.throws(() => follow('h', { parents: 'user/a' }), TypeError);
  assert.throws(() => new Mirror('h', { types: 'video' }), TypeError);
  assert.throws(() => follow('h', { parents: ['user/a', ''] }), /is empty/);
  assert.throws(() => new Mirror('h', { types: [''] }), /is empty/);
  for (const options of [{ silence: 0 }, { silence: NaN }, { saveEvery: -1 }]) assert.throws(() => follow('h', options), RangeError);
  for (const maxWaiting of [0, NaN]) assert.throws(() => new Publisher('h', { maxWaiting }), RangeError);
});

test('a wait that no timer can wait is long', async () => {
  const abort = new AbortController();
  let isOver = false;
  const waiting = pause(2 ** 40, abort.signal).then(() => (isOver = true));
  await new Promise((go) => setTimeout(go, 20));
  assert.equal(isOver, false);
  abort.abort();
  await waiting;
});

/** Runs process over a stream of objects, and remembers what begins and ends. */
async function processing(t, objects, concurrency, handler = async () => undefined) {
  const text = objects.map((id, n) =>
    id === '!' ? event(idOf(n + 1), 'reset') : event(idOf(n + 1), 'insert', dataOf(id)),
  );
  const url = await scripted(t, (_, response) => stream(response).write(text.join('')));
  const following = follow(url);
  const log = [];
  let running = 0;
  let most = 0;
  const ended = handle(
    following,
    async (one) => {
      const name = one.id ?? '!';
      most = Math.max(most, ++running);
      log.push(`+${name}`);
      const pause = () => new Promise((go) => setTimeout(go, name === 'slow' ? 30 : 2));
      do await pause();
      while (name === 'slow' && objects.includes('c') && !log.includes('-c')); // or the test's time is up
      log.push(`-${name}`);
      running--;
      if (name === '!' && log.includes('-last')) await following.close();
      await handler(one);
      if (name === 'last') void following.close();
    },
    { concurrency },
  );
  await assert.rejects(ended, (e) => e instanceof ClosedError || e.message === 'handler');
  return { log, most, checkpoint: following.checkpoint };
}

test('handlers run side by side, those of one object in order', { timeout: 10_000 }, async (t) => {
  const { log, most, checkpoint } = await processing(t, ['slow', 'slow', 'a', 'b', 'c', '!', 'last'], 3);
  assert.equal(most, 3);
  assert.ok(log.indexOf('-c') < log.indexOf('-slow'), String(log));
  assert.deepEqual(log.filter((one) => one.endsWith('slow')), ['+slow', '-slow', '+slow', '-slow']);
  assert.deepEqual(log.slice(-4), ['+!', '-!', '+last', '-last']); // a barrier
  assert.equal(checkpoint, idOf(7));
});

test('a handler that fails ends it, when the others have ended', { timeout: 10_000 }, async (t) => {
  const { log, checkpoint } = await processing(t, ['a', 'slow', 'bad', 'bad', 'd', 'e'], 3, async ({ id }) => {
    if (id === 'bad') throw new Error('handler');
  });
  assert.ok(log.includes('-slow'));
  assert.equal(log.filter((one) => one === '+bad').length, 1);
  assert.equal(checkpoint, idOf(2));
});

test("a handler's error is told, also where the checkpoint cannot be saved", { timeout: 10_000 }, async (t) => {
  const store = new Saved();
  store.failing = true;
  const following = follow(await threeEvents(t), { store, saveEvery: 60_000 });
  const handling = handle(following, async ({ id }) => {
    if (id === 'o2') throw new Error('handler');
  }, { concurrency: 1 });
  await assert.rejects(handling, /handler/);
});
