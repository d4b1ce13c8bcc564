import { canonical, equal } from './ejson.js';
import { ObjectId } from './mongodb.js';

const OF_SELECTORS = {
  $and: (doc, all) => all.every((one) => matches(doc, one)),
  $or: (doc, all) => all.some((one) => matches(doc, one)),
  $nor: (doc, all) => !all.some((one) => matches(doc, one)),
};

const OPERATORS = {
  $eq: (found, operand) => hasEqual(found, operand),
  $ne: (found, operand) => !hasEqual(found, operand),
  $in: (found, operand) => operand.some((one) => hasEqual(found, one)),
  $nin: (found, operand) => !operand.some((one) => hasEqual(found, one)),
  $exists: (found, operand) => found.some((value) => value !== undefined) === Boolean(operand),
  $gt: ordered((one, other) => one > other),
  $gte: ordered((one, other) => one >= other),
  $lt: ordered((one, other) => one < other),
  $lte: ordered((one, other) => one <= other),
};

/** Whether a document is one that a selector asks for, as far as the test's selectors need it. */
export function matches(doc, selector) {
  return Object.entries(selector).every(([name, wanted]) =>
    name.startsWith('$') ? OF_SELECTORS[name](doc, wanted) : fulfils(valuesAt(doc, name), wanted),
  );
}

function fulfils(found, wanted) {
  return isOperators(wanted)
    ? Object.entries(wanted).every(([operator, operand]) => OPERATORS[operator](found, operand))
    : hasEqual(found, wanted);
}

function isOperators(wanted) {
  const isPlain = wanted !== null && typeof wanted === 'object' && !(wanted instanceof ObjectId);
  return isPlain && Object.keys(wanted).some((name) => name.startsWith('$'));
}

/** What is at a path: in each element of an array on the way, an array itself and its elements. */
function valuesAt(doc, path) {
  const [first, ...rest] = path.split('.');
  const value = doc?.[first];
  if (rest.length === 0) {
    return Array.isArray(value) ? [value, ...value] : [value];
  }
  const next = Array.isArray(value) ? value : [value];
  return next.flatMap((one) => valuesAt(one, rest.join('.')));
}

/** To MongoDB a field that is not there is null. */
function hasEqual(found, wanted) {
  return found.some((value) => equal(value ?? null, wanted));
}

function ordered(compare) {
  return (found, operand) =>
    found.some((value) => kind(value) === kind(operand) && compare(value, operand));
}

function kind(value) {
  return value instanceof Date || typeof value !== 'object' ? typeof value : canonical(value);
}

/** The names of the fields that a selector asks about. */
export function askedFields(selector) {
  return Object.entries(selector).flatMap(([name, wanted]) =>
    name.startsWith('$') ? [wanted].flat().flatMap(askedFields) : [name],
  );
}
