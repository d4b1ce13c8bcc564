import { canonical, fromMongo } from './ejson.js';
import { idText } from './ids.js';
import { askedFields, matches } from './matcher.js';
import { isExcluding, project } from './projection.js';

/** What an observer's client sees: the documents of a query, kept up to date by messages. */
export class LiveResult {
  #docs = new Map();

  /** @param tally counts what happens */
  constructor(collection, { selector, options }, tally) {
    this.collection = collection;
    this.selector = selector;
    this.options = options;
    this.tally = tally;
  }

  async fetch() {
    for (const doc of await this.#query()) {
      this.#docs.set(idText(doc._id), doc);
    }
  }

  contains(id) {
    return this.#docs.has(idText(id));
  }

  isEligible(doc) {
    return matches(doc, this.selector);
  }

  add(doc) {
    this.tally('added');
    this.#docs.set(idText(doc._id), project(doc, this.options.fields));
  }

  /** A document that is gone by now is contained nevertheless, though nobody sees it. */
  async #addById(id) {
    this.tally('added by id');
    const doc = await this.collection.findOne({ _id: id }, { projection: this.options.fields });
    this.#docs.set(idText(id), fromMongo(doc));
  }

  change(doc) {
    if (this.#docs.get(idText(doc._id))) {
      this.tally('changed');
      this.#docs.set(idText(doc._id), project(doc, this.options.fields));
    }
  }

  remove(id) {
    if (this.#docs.delete(idText(id))) {
      this.tally('removed');
    }
  }

  /**
   * Asks the database which documents there are.
   *
   * @param news the document of the message, if it may be among them
   * @param isUpdate whether it may have been there before
   */
  async requery(news, isUpdate) {
    this.tally('queried again');
    const ids = (await this.#query({ _id: 1 })).map(({ _id }) => _id);
    const isThere = new Set(ids.map(idText));
    [...this.#docs.keys()].filter((key) => !isThere.has(key)).forEach((key) => this.#removeKey(key));
    let isAdded = false;
    for (const id of ids.filter((one) => !this.contains(one))) {
      if (news && idText(id) === idText(news._id)) {
        isAdded = true;
        this.add(news);
      } else {
        await this.#addById(id);
      }
    }
    if (news && isUpdate && !isAdded) {
      this.change(news);
    }
  }

  #removeKey(key) {
    this.tally('removed');
    this.#docs.delete(key);
  }

  /** Fields that messages must tell of: those that are seen, and those that decide; or all. */
  neededFields() {
    const { fields } = this.options;
    return !fields || isExcluding(fields)
      ? 'all'
      : [...Object.keys(fields), ...askedFields(this.selector)];
  }

  async #query(projection = this.options.fields) {
    const { sort, limit = 0, skip = 0 } = this.options;
    const docs = await this.collection.find(this.selector, { sort, limit, skip, projection }).toArray();
    return docs.map(fromMongo);
  }

  /** Where it differs from what the database has. */
  async differences() {
    const fresh = new Map((await this.#query()).map((doc) => [idText(doc._id), doc]));
    const keys = new Set([...fresh.keys(), ...this.#docs.keys()]);
    return [...keys]
      .map((id) => ({ id, live: shown(this.#docs.get(id)), fresh: shown(fresh.get(id)) }))
      .filter(({ live, fresh }) => live !== fresh);
  }

  get size() {
    return this.#docs.size;
  }
}

function shown(doc) {
  return doc ? canonical(doc) : 'none';
}
