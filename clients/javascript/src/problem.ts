import { shown, type Access } from './endpoint.js';
import { OplogError, RefusedError, type Reason } from './errors.js';
import { shortened } from './events.js';
import { abortOf } from './pause.js';

const PASSING = new Set([408, 425, 429]);
const LONGEST_RETRY_AFTER = 300;
const MAX_SHOWN = 500;
const MAX_PROBLEM_BYTES = 64 * 1024;
const LINE = /^(?:line|element) (\d{1,15}): /;

/** The server asks for another attempt. */
export class BusyError extends OplogError {
  constructor(
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}

/** Whether another attempt may be answered otherwise. */
export function isPassing(status: number): boolean {
  return status >= 500 || PASSING.has(status);
}

export function busy(access: Access, answer: Response): BusyError {
  const text = answer.headers.get('Retry-After') ?? '';
  const seconds = /^\d+$/.test(text) ? Math.min(Number(text), LONGEST_RETRY_AFTER) : 0;
  return new BusyError(`${access.endpoint} answered ${answer.status}`, seconds);
}

/** A refusal that may name a line of what was sent. */
export interface Refusal {
  error: RefusedError;
  /** Counted from 1; 0 when none is named. */
  line: number;
}

/** Lets go of an answer whose head says all. */
export function discard(answer: Response): void {
  void answer.body?.cancel().catch(() => undefined);
}

/**
 * What an answer that says no means.
 *
 * @param signal ends the wait for the rest of its body
 */
export async function refused(access: Access, answer: Response, signal?: AbortSignal): Promise<Refusal> {
  const detail = detailOf(await problem(answer, signal));
  const error = new RefusedError(
    message(access, answer, detail),
    reason(access, answer.status),
    answer.status,
    detail.replace(LINE, ''),
  );
  return { error, line: Number(LINE.exec(detail)?.[1] ?? 0) };
}

/** What answered is something else than what was asked for. */
export function notOplog(access: Access, answer: Response, what: string): RefusedError {
  return new RefusedError(`${access.endpoint} ${what}`, 'NOT_OPLOG', answer.status, '');
}

function reason(access: Access, status: number): Reason {
  switch (status) {
    case 401:
      return access.hasPassword ? 'UNAUTHORIZED' : 'NO_PASSWORD';
    case 403:
      return 'UNAUTHORIZED';
    case 400:
    case 406:
      return 'INVALID';
    case 409:
      return 'SOURCE_CONFLICT';
    case 413:
    case 414:
    case 431:
      return 'TOO_LARGE';
    default:
      return 'NOT_OPLOG';
  }
}

function message(access: Access, answer: Response, detail: string): string {
  const { endpoint } = access;
  const { status } = answer;
  if (status === 401 || status === 403) {
    return `${endpoint} wants ${access.hasPassword ? 'another' : 'a'} password`;
  }
  if (answer.type === 'opaqueredirect') return `${endpoint} leads elsewhere`;
  if (status >= 300 && status < 400) {
    return `${endpoint} leads on to ${shortened(shown(answer.headers.get('Location') ?? 'nowhere'))}`;
  }
  return `${endpoint} answered ${status}${detail === '' ? '' : `: ${detail}`}`;
}

/** As much of the body as is read at most, or came before it broke: the status has said no. */
async function problem(answer: Response, signal: AbortSignal | undefined): Promise<string> {
  if (answer.body === null) return '';
  const aborted = abortOf(signal); // Node's fetch never ends a body that it cannot unpack
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  let text = '';
  try {
    for (let bytes = 0; bytes < MAX_PROBLEM_BYTES; ) {
      const { value, done } = await Promise.race([reader.read(), aborted]);
      if (done) return text + decoder.decode();
      bytes += value.length;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // what was read is told
  }
  return text;
}

/** The detail of a problem document; of anything else its beginning. */
function detailOf(body: string): string {
  const line = (problemDetail(body) ?? body).trim().replace(/\s+/g, ' ');
  return shortened(line, MAX_SHOWN);
}

function problemDetail(body: string): string | null {
  try {
    const detail: unknown = JSON.parse(body)?.detail;
    return typeof detail === 'string' ? detail : null;
  } catch {
    return null;
  }
}
