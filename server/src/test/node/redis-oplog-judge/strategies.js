import { idText } from './ids.js';
import { ObjectId } from './mongodb.js';

/**
 * How an observer follows its query, which decides the channels that it hears and what it does with
 * each message. After the sources of redis-oplog 3, in words of our own.
 */
export function strategyOf(selector, options) {
  if (options.limit) {
    options.sort ??= { _id: 1 };
    return windowed;
  }
  return selector._id ? byIds : plain;
}

/** All documents of a selector. */
const plain = {
  name: 'plain',

  channels: (collection) => [collection],

  insert(live, doc) {
    addIfNew(live, doc);
  },

  update(live, doc) {
    followUpdate(live, doc);
  },

  remove(live, { _id }) {
    live.remove(_id);
  },
};

/** Documents that are named, each of which has a channel. */
const byIds = {
  name: 'by ids',

  channels: (collection, { _id }) => idsOf(_id).map((id) => `${collection}::${idText(id)}`),

  insert(live, doc) {
    addIfNew(live, doc);
  },

  /** What is heard on the channel is wanted, unless the selector says more. */
  update(live, doc) {
    if (Object.keys(live.selector).length > 1) {
      followUpdate(live, doc);
    } else {
      put(live, doc);
    }
  },

  remove(live, { _id }) {
    live.remove(_id);
  },
};

/** The first documents in an order: who comes in when one goes is known to the database alone. */
const windowed = {
  name: 'limit and sort',

  channels: (collection) => [collection],

  async insert(live, doc) {
    if (live.isEligible(doc)) {
      await live.requery(doc, false);
    }
  },

  async update(live, doc, changed) {
    const isContained = live.contains(doc._id);
    if (!live.isEligible(doc)) {
      await (isContained && live.requery());
    } else if (isContained && !areSortedBy(live.options.sort, changed)) {
      live.tally('changed without a query');
      live.change(doc);
    } else {
      await live.requery(doc, true);
    }
  },

  async remove(live, { _id }) {
    if (live.contains(_id) || live.options.skip) {
      await live.requery({ _id }, false);
    }
  },
};

function addIfNew(live, doc) {
  if (!live.contains(doc._id) && live.isEligible(doc)) {
    live.add(doc);
  }
}

function followUpdate(live, doc) {
  if (live.isEligible(doc)) {
    put(live, doc);
  } else {
    live.remove(doc._id);
  }
}

function put(live, doc) {
  if (live.contains(doc._id)) {
    live.change(doc);
  } else {
    live.add(doc);
  }
}

function idsOf(wanted) {
  const isOne = typeof wanted !== 'object' || wanted instanceof ObjectId;
  return isOne ? [wanted] : wanted.$in;
}

/** Whether a changed field is one of the order, or holds one, or is within one. */
function areSortedBy(sort, changed) {
  const names = Object.keys(sort);
  return changed.some((field) =>
    names.some(
      (name) => name === field || name.startsWith(`${field}.`) || field.startsWith(`${name}.`),
    ),
  );
}
