import { Endpoint, type Access } from './endpoint.js';
import { isEventId, shortened } from './events.js';
import { busy, isPassing, notOplog, refused } from './problem.js';

/** What is asked for. */
export interface StreamFilter {
  /** Objects of these types; of all where none is given. */
  types?: Iterable<string>;
  /** Objects that belong to one of these; to any where none is given. */
  parents?: Iterable<string>;
}

/**
 * Where a stream starts: `now`, with what comes; `0`, with everything that exists; after an event,
 * given by its id; or at a time, as a date or in milliseconds since the epoch.
 */
export type From = 'now' | (string & {}) | number | Date;

/** The value of `Last-Event-ID`; empty is none. */
export function positionOf(from: From): string {
  if (from === 'now') return '';
  const text = String(from instanceof Date ? from.getTime() : from);
  if (!/^[0-9]{1,13}$/.test(text) && !isEventId(text)) {
    throw new TypeError(`from is neither now, 0, an event id nor a time: ${text}`);
  }
  return text;
}

/** Asks for a stream from any position. */
export class StreamRequest {
  readonly access: Access;
  readonly #url: string;

  constructor(server: Endpoint | string, filter: StreamFilter) {
    const endpoint = Endpoint.of(server);
    this.access = endpoint.stream;
    this.#url = `${endpoint.operations}?${query(filter)}`;
  }

  send(lastEventId: string, signal: AbortSignal): Promise<Response> {
    return fetch(this.#url, {
      headers: this.#headers(lastEventId),
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
  }

  #headers(lastEventId: string): Record<string, string> {
    const position: Record<string, string> =
      lastEventId === '' ? {} : { 'Last-Event-ID': lastEventId };
    return {
      ...this.access.headers,
      Accept: 'text/event-stream',
      'Accept-Encoding': 'identity', // browsers have their own, and pass this over
      ...position,
    };
  }
}

/** The query of a request for what a filter lets through. */
export function query(filter: StreamFilter): string {
  const query = new URLSearchParams({ progress: '1' });
  const types = listOf(filter.types).sort();
  if (types.length > 0) query.append('types', types.join(','));
  // one by one: a parent may have a comma in it
  for (const parent of listOf(filter.parents).sort()) query.append('parent', parent);
  return query.toString();
}

/**
 * The items of a part of a filter.
 *
 * @throws {TypeError} when it is a text, whose items are its letters, or one of them is empty, which
 *     a server passes over: it would send everything
 */
export function listOf(items: Iterable<string> = []): string[] {
  if (typeof items === 'string') throw new TypeError(`types and parents are lists: ${items}`);
  const list = [...items];
  if (list.includes('')) throw new TypeError('a type or a parent of a filter is empty');
  return list;
}

/**
 * Ends well when an answer is a stream.
 *
 * @throws {RefusedError} when trying again would not help
 * @throws {BusyError} when it may
 */
export async function requireStream(access: Access, answer: Response, signal?: AbortSignal): Promise<void> {
  if (isPassing(answer.status)) throw busy(access, answer);
  if (answer.status !== 200) throw (await refused(access, answer, signal)).error;
  const type = answer.headers.get('Content-Type') ?? '';
  if (type.split(';', 1)[0]?.trim().toLowerCase() !== 'text/event-stream') {
    throw notOplog(access, answer, 'did not answer with an event stream');
  }
  const coding = answer.headers.get('Content-Encoding') ?? 'identity';
  if (coding.toLowerCase() !== 'identity') {
    throw notOplog(access, answer, `answered with Content-Encoding ${shortened(coding)}, not asked for`);
  }
}
