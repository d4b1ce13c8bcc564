import { parse, fromMongo } from './ejson.js';
import { Subscriber } from './redis.js';

const KINDS = { i: 'insert', u: 'update', r: 'remove' };

/** Takes messages one after the other, and tells each to the observers of its channel. */
export class Channels {
  messages = 0;
  faults = [];
  #observers = new Map();
  #seen = new Set();
  #last = Promise.resolve();

  /** @param unprotected names of collections of which messages bring whole documents */
  constructor({ redis, prefix, unprotected }, database) {
    this.prefix = prefix;
    this.unprotected = unprotected;
    this.database = database;
    this.redis = new Subscriber(
      redis,
      (channel, text) => this.#queue(channel, text),
      (failure) => this.faults.push(String(failure)),
    );
  }

  async attach(channel, observer) {
    await this.listen(channel);
    this.#observers.get(channel).push(observer);
  }

  async listen(channel) {
    if (!this.#observers.has(channel)) {
      this.#observers.set(channel, []);
      await this.redis.subscribe(this.prefix + channel);
    }
  }

  /** Done when all that has come is worked off. */
  get quiet() {
    return this.#last;
  }

  /** Whether a message of a document was worked off. */
  hasSeen(channel, id) {
    return this.#seen.has(`${channel} ${id}`);
  }

  #queue(name, text) {
    const channel = name.slice(this.prefix.length);
    this.#last = this.#last
      .then(() => this.#take(channel, text))
      .catch((failure) => this.faults.push(`${name} ${text}: ${failure.stack}`));
  }

  async #take(channel, text) {
    const message = parse(text);
    const kind = KINDS[message.e];
    if (!kind || !Array.isArray(message.f)) {
      throw new Error('no message of redis-oplog');
    }
    const doc = kind === 'remove' ? message.d : await this.#documentOf(channel, message.d);
    if (doc) { // it may be gone by now, and its removal will be told
      await this.#tell(channel, kind, doc, message.f);
    }
    this.#seen.add(`${channel} ${message.d._id}`);
    this.messages++;
  }

  async #tell(channel, kind, doc, changed) {
    for (const { live, strategy } of this.#observers.get(channel)) {
      await strategy[kind](live, doc, changed);
    }
  }

  /** Reads the document again, by its _id alone, unless the message has it. */
  async #documentOf(channel, doc) {
    const [collection] = channel.split('::');
    if (this.unprotected.includes(collection)) {
      return doc;
    }
    const projection = this.#neededFields(channel);
    return fromMongo(await this.database.collection(collection).findOne({ _id: doc._id }, { projection }));
  }

  /** Of all observers of a channel; a field within another one that is needed is not named. */
  #neededFields(channel) {
    const needed = this.#observers.get(channel).map(({ live }) => live.neededFields());
    if (needed.length === 0 || needed.includes('all')) {
      return undefined;
    }
    const paths = [...new Set(needed.flat())];
    const outer = paths.filter((path) => !paths.some((one) => path.startsWith(`${one}.`)));
    return Object.fromEntries(outer.map((path) => [path, 1]));
  }
}
