import type { Endpoint } from './endpoint.js';

/** Why a server refuses for good. */
export type Reason =
  /** A password is needed, and none was sent. */
  | 'NO_PASSWORD'
  /** The password is not accepted. */
  | 'UNAUTHORIZED'
  /** The request, or an operation, is not valid. */
  | 'INVALID'
  | 'TOO_LARGE'
  | 'SOURCE_CONFLICT'
  /** Whatever answers there is no oplog. */
  | 'NOT_OPLOG';

/** What all errors of this library are. */
export class OplogError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server refuses, and trying again would not help. */
export class RefusedError extends OplogError {
  constructor(
    message: string,
    readonly reason: Reason,
    /** The status of the answer; 0 where a browser hides it. */
    readonly status: number,
    /** What the server says about it; empty when it says nothing. */
    readonly detail: string,
  ) {
    super(message);
  }
}

/** What was sent is not a stream of ours. */
export class MalformedStreamError extends OplogError {}

/** The retry policy gave up; `cause` is the last failure. */
export class UnavailableError extends OplogError {}

/** It was closed. */
export class ClosedError extends OplogError {}

/** What broke a connection, as an error of ours: `fetch` hides the reason in a cause. */
export function lost(endpoint: Endpoint, e: unknown): OplogError {
  if (e instanceof OplogError) return e;
  const error = e instanceof Error ? e : new Error(String(e));
  const reason = error.cause instanceof Error ? error.cause.message : error.message;
  return new OplogError(`no connection to ${endpoint}: ${reason}`, { cause: error });
}
