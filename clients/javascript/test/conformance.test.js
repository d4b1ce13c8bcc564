import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Acknowledgements } from '../dist/acknowledgements.js';
import { Endpoint } from '../dist/endpoint.js';
import { decode, Live } from '../dist/events.js';
import { BusyError } from '../dist/problem.js';
import { SseParser } from '../dist/sse-parser.js';
import { positionOf, query, requireStream } from '../dist/stream-request.js';
import { cases } from './support/conformance.js';

function bytesOf(chunk) {
  if (chunk.base64 !== undefined) return Buffer.from(chunk.base64, 'base64');
  return Buffer.from(textOf(chunk));
}

function textOf(text) {
  return typeof text === 'string' ? text : text.text.repeat(text.repeat);
}

function parse(chunks) {
  const parser = new SseParser();
  const found = { events: [], retries: [], comments: 0, lastEventId: '' };
  for (const chunk of chunks) {
    parser.feed(chunk, {
      onEvent: (event) => found.events.push(event),
      onRetry: (millis) => found.retries.push(millis),
      onComment: () => found.comments++,
    });
  }
  return { ...found, lastEventId: parser.lastEventId };
}

function expectParsed(chunks, { events, retries, comments, lastEventId, error }) {
  if (error !== undefined) {
    assert.throws(() => parse(chunks), (e) => e.name === 'MalformedStreamError' && e.message.includes(error));
  } else {
    const expected = events.map((event) => ({ ...event, data: textOf(event.data) }));
    assert.deepEqual(parse(chunks), { events: expected, retries, comments, lastEventId });
  }
}

function* singleBytes(chunks) {
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) yield chunk.subarray(i, i + 1);
}

describe('sse.json', () => {
  for (const one of cases('sse')) {
    test(one.name, () => expectParsed(one.chunks.map(bytesOf), one));
    test(`${one.name}, a byte at a time`, () => expectParsed(singleBytes(one.chunks.map(bytesOf)), one));
  }
});

function shown(event) {
  if (event === null) return { unknown: {} };
  const name = ['reset', 'live', 'progress'].includes(event.kind) ? event.kind : 'operation';
  const fields = { ...event };
  if (name !== 'operation') delete fields.kind;
  return { [name]: fields };
}

describe('events.json', () => {
  for (const { name, event, is, error } of cases('events')) {
    test(name, () => {
      if (error !== undefined) {
        assert.throws(() => decode(event), (e) => e.name === 'MalformedStreamError' && e.message.includes(error));
      } else if (is.unknown) {
        assert.equal(decode(event), null);
      } else {
        assert.deepEqual(shown(decode(event)), is);
      }
    });
  }
});

describe('requests.json', () => {
  for (const one of cases('requests')) {
    test(one.name, () => {
      assert.equal(query(one.follow), one.query);
      assert.equal(positionOf(one.follow.from ?? 'now'), one.lastEventId ?? '');
    });
  }
});

async function outcome({ status, headers, password }) {
  const endpoint = new Endpoint('http://localhost:8042', password ? { password: 'x' } : {});
  try {
    await requireStream(endpoint.stream, new Response(null, { status, headers }));
    return { is: 'stream' };
  } catch (e) {
    return e instanceof BusyError ? { is: 'again', after: e.retryAfter } : { is: e.reason };
  }
}

describe('answers.json', () => {
  for (const one of cases('answers')) {
    test(one.name, async () => {
      const { is, after } = one;
      assert.deepEqual(await outcome(one), after === undefined ? { is } : { is, after });
    });
  }
});

describe('checkpoints.json', () => {
  for (const { name, steps } of cases('checkpoints')) {
    test(name, () => {
      const acknowledgements = new Acknowledgements();
      const events = new Map();
      const name = (id, { kind = 'operation' }) => `${kind} ${id}`;
      const handOut = (id, step) => {
        const event = new Live(id);
        events.set(name(id, step), event);
        acknowledgements.handOut(event);
      };
      for (const step of steps) {
        if (step.event) handOut(step.event, step);
        else if (step.progress) acknowledgements.moved(step.progress);
        else acknowledgements.acknowledge(events.get(name(step.acknowledge, step)));
        assert.equal(acknowledgements.checkpoint, step.checkpoint, JSON.stringify(step));
      }
    });
  }
});
