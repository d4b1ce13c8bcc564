import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow, RetryPolicy } from '../dist/index.js';
import { Proxy } from './support/proxy.js';
import { randomOf } from './support/random.js';
import { dataOf, event, idOf, scripted, stream } from './support/scripted.js';

const SEEDS = process.env.SEED ? [Number(process.env.SEED)] : Array.from({ length: 150 }, (_, n) => n + 1);
const TYPED = new Set(['MalformedStreamError', 'RefusedError', 'UnavailableError']);
const OPERATIONS = Array.from({ length: 50 }, (_, n) => event(idOf(n + 1), 'insert', dataOf(`o${n}`, ['user/a'])));
const ANSWER = OPERATIONS.join('') + event(idOf(51), 'live');

/** How it ended: `live`, or the name of its error. */
async function ended(url) {
  const retry = new RetryPolicy({ first: 1, longest: 5, giveUpAfter: 200 });
  try {
    for await (const { kind } of follow(url, { from: '0', retry, silence: 50 })) if (kind === 'live') return kind;
  } catch (e) {
    assert.ok(TYPED.has(e.name), e.stack);
    assert.ok(e.message.includes(new URL(url).host), e.message);
    assert.ok(e.message.length < 1000 && !e.message.includes('\n'), e.message);
    return e.name;
  }
}

test('a stream that is garbled goes on, or ends with an error of ours', { timeout: 60_000 }, async (t) => {
  const origin = new URL(await scripted(t, (_, response) => stream(response).write(ANSWER)));
  const ends = {};
  for (const seed of SEEDS) {
    const random = randomOf(seed);
    const garbleEvery = 10 ** (1 + 3 * random());
    const proxy = await Proxy.before(origin, { random, garbleEvery });
    try {
      const end = await ended(proxy.url);
      ends[end] = (ends[end] ?? 0) + 1;
    } catch (e) {
      e.message = `SEED=${seed}: ${e.message}`;
      throw e;
    } finally {
      await proxy.close();
    }
  }
  t.diagnostic(JSON.stringify(ends));
  if (SEEDS.length > 1) for (const name of [...TYPED, 'live']) assert.ok(ends[name] > 0, `none ended so: ${name}`);
});
