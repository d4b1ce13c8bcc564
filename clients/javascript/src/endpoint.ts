/** The passwords of a server; it may want one for its stream and another for operations. */
export interface Passwords {
  /** For the stream. */
  password?: string;
  /** For operations; that of the stream where it is not given. */
  ingestPassword?: string;
}

const OPERATIONS = '/ops';
const ANY_USER = 'oplog';

/** The address of a server, and its passwords; shown without them. */
export class Endpoint {
  /** `http://host:port`, perhaps with the path of a proxy in front. */
  readonly url: string;
  readonly #password: string | undefined;
  readonly #ingestPassword: string | undefined;

  /**
   * @param url `http://host:8042`; `host:8042` alone means HTTP, and `/ops` at the end is understood
   * @throws {TypeError} when it is not an HTTP address
   */
  constructor(url: string, passwords: Passwords = {}) {
    this.url = checked(url);
    this.#password = passwords.password;
    this.#ingestPassword = passwords.ingestPassword ?? passwords.password;
  }

  /** An address, or what already is an endpoint. */
  static of(server: Endpoint | string): Endpoint {
    return typeof server === 'string' ? new Endpoint(server) : server;
  }

  /** @internal Where operations are read and written. */
  get operations(): string {
    return this.url + OPERATIONS;
  }

  /** @internal */
  get stream(): Access {
    return new Access(this, this.#password);
  }

  /** @internal */
  get ingest(): Access {
    return new Access(this, this.#ingestPassword);
  }

  /** The address alone. */
  toString(): string {
    return this.url;
  }

  toJSON(): string {
    return this.url;
  }
}

/** What a request takes along. */
export class Access {
  readonly #password: string | undefined;

  constructor(
    readonly endpoint: Endpoint,
    password: string | undefined,
  ) {
    this.#password = password;
  }

  get hasPassword(): boolean {
    return this.#password !== undefined;
  }

  get headers(): Record<string, string> {
    return this.#password === undefined ? {} : { Authorization: basic(this.#password) };
  }
}

function basic(password: string): string {
  const bytes = new TextEncoder().encode(`${ANY_USER}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function checked(text: string): string {
  const url = parsed(text.includes('://') ? text : `http://${text}`);
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new TypeError(`an address has neither a password nor a query in it: ${shown(text)}`);
  }
  return withoutEnd(url.origin + url.pathname);
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(`not an address like http://host:8042: ${shown(text)}`);
  }
  return url;
}

/** Any address without what may be a password, however broken it is. */
export function shown(url: string): string {
  return url.replace(/^(https?:\/\/)?.*@/is, '$1…@').replace(/[?#].*/s, '');
}

function withoutEnd(url: string): string {
  const text = url.replace(/\/+$/, '');
  return text.endsWith(OPERATIONS) ? text.slice(0, -OPERATIONS.length) : text;
}
