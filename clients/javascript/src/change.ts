import type { OperationKind } from './events.js';

/** An operation to be published. */
export interface Change {
  kind: OperationKind;
  type: string;
  id: string;
  /** What the object belongs to: all of them, each time. */
  parents?: readonly string[];
  /** When it changed; as RFC 3339, where it is a text. The time of receipt where it is not given. */
  timestamp?: string | Date;
}

/**
 * An operation as a line of JSON.
 *
 * @throws {TypeError} when it has no type or id, or its date is none
 */
export function lineOf({ kind, type, id, parents, timestamp }: Change): string {
  for (const [name, value] of Object.entries({ kind, type, id })) {
    if (typeof value !== 'string' || value === '') {
      throw new TypeError(`an operation needs a ${name}`);
    }
  }
  if (timestamp instanceof Date && Number.isNaN(timestamp.getTime())) {
    throw new TypeError('an operation needs a valid timestamp, or none');
  }
  return JSON.stringify({ event: kind, type, id, parents, timestamp });
}
