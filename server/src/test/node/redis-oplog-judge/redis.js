import net from 'node:net';

/** A subscriber: a connection to Redis on which nothing is asked but to hear channels. */
export class Subscriber {
  #socket;
  #unread = Buffer.alloc(0);
  #waiting = new Map();

  /** @param onMessage hears channel and message, both text, in the order in which they come */
  constructor(url, onMessage, onFailure) {
    const { hostname, port } = new URL(url);
    this.onMessage = onMessage;
    this.#socket = net.connect(Number(port), hostname);
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', onFailure);
    this.#socket.on('close', () => onFailure(new Error('Redis has closed the connection')));
  }

  /** Done when the server has said so: from then on nothing is missed. */
  subscribe(channel) {
    const name = Buffer.byteLength(channel);
    this.#socket.write(`*2\r\n$9\r\nSUBSCRIBE\r\n$${name}\r\n${channel}\r\n`);
    return new Promise((resolve) => this.#waiting.set(channel, resolve));
  }

  close() {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #read(bytes) {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (let reply = this.#take(); reply; reply = this.#take()) {
      this.#unread = this.#unread.subarray(reply.end);
      this.#hear(reply.value);
    }
  }

  #take() {
    return readReply(this.#unread, 0);
  }

  #hear([kind, channel, message]) {
    if (kind === 'message') {
      this.onMessage(channel, message);
    } else {
      this.#waiting.get(channel)();
      this.#waiting.delete(channel);
    }
  }
}

/** The reply that begins at a place, with its end; undefined when it is not whole yet. */
function readReply(bytes, start) {
  const lineEnd = bytes.indexOf('\r\n', start);
  if (lineEnd < 0) {
    return undefined;
  }
  const line = bytes.toString('utf8', start + 1, lineEnd);
  switch (bytes.toString('latin1', start, start + 1)) {
    case '*':
      return readArray(bytes, lineEnd + 2, Number(line));
    case '$':
      return readText(bytes, lineEnd + 2, Number(line));
    case ':':
      return { value: Number(line), end: lineEnd + 2 };
    default:
      throw new Error(`Redis says ${line}`);
  }
}

function readText(bytes, start, length) {
  const end = start + length + 2;
  return end > bytes.length ? undefined : { value: bytes.toString('utf8', start, end - 2), end };
}

function readArray(bytes, start, length) {
  const value = [];
  let end = start;
  while (value.length < length) {
    const element = readReply(bytes, end);
    if (!element) {
      return undefined;
    }
    value.push(element.value);
    end = element.end;
  }
  return { value, end };
}
