import { MalformedStreamError } from './errors.js';
import type { SseEvent } from './sse-parser.js';

/** What happened to an object. */
export type OperationKind = 'insert' | 'update' | 'delete';

/** An event that is acknowledged: it knows its place among all that one stream handed out. */
abstract class Delivered {
  #by: object | null = null;
  #order = 0;

  /** @internal */
  static deliver(event: Delivered, by: object, order: number): void {
    event.#by = by;
    event.#order = order;
  }

  /** @internal Counted from 1; 0 when it was never handed out there. */
  static orderOf(event: Delivered, by: object): number {
    return #by in event && event.#by === by ? event.#order : 0;
  }
}

/** An object changed. */
export class Operation extends Delivered {
  constructor(
    readonly kind: OperationKind,
    readonly type: string,
    readonly id: string,
    readonly parents: readonly string[],
    /** When the producer changed it, in UTC. */
    readonly timestamp: string,
    /** Where the object is found; null unless the server has a template for it. */
    readonly ref: string | null,
    readonly eventId: string,
  ) {
    super();
  }
}

/** Forget what you hold: everything that exists follows, then {@link Live}. */
export class Reset extends Delivered {
  readonly kind = 'reset';

  constructor(
    readonly reason: string,
    readonly eventId: string,
  ) {
    super();
  }
}

/** What was replicated is complete; what follows is live. */
export class Live extends Delivered {
  readonly kind = 'live';

  constructor(readonly eventId: string) {
    super();
  }
}

/** The position moved, with nothing to see. */
export class Progress {
  readonly kind = 'progress';

  constructor(readonly eventId: string) {}
}

/** What a stream hands out; `kind` tells which. */
export type StreamEvent = Operation | Reset | Live;

/** @internal */
export const deliver = Delivered.deliver;
/** @internal */
export const orderOf = Delivered.orderOf;

const EVENT_ID = /^[0-9a-f]{24}$/;
const MAX_SHOWN = 200;
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/**
 * What an event means; null when its name is not known.
 *
 * @throws {MalformedStreamError} when it breaks the form of our streams
 */
export function decode(event: SseEvent): StreamEvent | Progress | null {
  switch (event.type) {
    case 'insert':
    case 'update':
    case 'delete':
      return operation(event, event.type);
    case 'reset':
      return new Reset(resetReason(event.data), eventId(event));
    case 'live':
      return new Live(eventId(event));
    case 'progress':
      return new Progress(eventId(event));
    default:
      return null;
  }
}

function operation(event: SseEvent, kind: OperationKind): Operation {
  const position = eventId(event);
  const { type, id, parents, timestamp, ref } = object(event);
  if (!isText(type)) throw malformed(event, 'type must be a text that is not empty');
  if (!isText(id)) throw malformed(event, 'id must be a text that is not empty');
  if (!isTexts(parents)) throw malformed(event, 'parents must be a list of texts');
  if (!isText(timestamp)) throw malformed(event, 'timestamp must be a text');
  return new Operation(kind, type, id, parents ?? [], timestamp, isText(ref) ? ref : null, position);
}

function object(event: SseEvent): Record<string, unknown> {
  const value = parsed(event);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(event, 'data is no JSON object');
  }
  return value as Record<string, unknown>;
}

function parsed(event: SseEvent): unknown {
  try {
    return JSON.parse(event.data);
  } catch {
    throw malformed(event, 'data is no JSON');
  }
}

/** Whatever its data are, a reset must be heard. */
function resetReason(data: string): string {
  try {
    const reason: unknown = JSON.parse(data)?.reason;
    return typeof reason === 'string' ? reason : '';
  } catch {
    return '';
  }
}

function eventId(event: SseEvent): string {
  if (!isEventId(event.lastEventId)) throw malformed(event, 'the id is no event id');
  return apart(event.lastEventId);
}

/**
 * V8's part of a text keeps all of it alive, here what came with the event. Parts of 12 characters
 * are copies.
 */
function apart(id: string): string {
  return id.slice(0, 12) + id.slice(12);
}

/** Whether a text has the form of an event id. */
export function isEventId(text: string): boolean {
  return EVENT_ID.test(text);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is string[] | null | undefined {
  if (value === undefined || value === null) return true;
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function malformed(event: SseEvent, reason: string): MalformedStreamError {
  const { lastEventId, type, data } = event;
  return new MalformedStreamError(
    `${reason}: id ${shortened(lastEventId)}, event ${shortened(type)}, data ${shortened(data)}`,
  );
}

/** The start of a text that somebody else wrote, on one line. */
export function shortened(text: string, most = MAX_SHOWN): string {
  const start = text.length > most ? `${text.slice(0, most)}…` : text;
  return start.replace(CONTROLS, ' ');
}
