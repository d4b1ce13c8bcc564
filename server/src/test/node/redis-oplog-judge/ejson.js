import { Decimal128, ObjectId } from './mongodb.js';

/** A type of the application's own, as one may add to EJSON. */
class Point {
  constructor(at) {
    Object.assign(this, at);
  }
}

const TYPES = {
  Point: (at) => new Point(at),
  oid: (hex) => ObjectId.createFromHexString(hex),
  Decimal: (text) => Decimal128.fromString(text),
};

const READERS = [
  [['$date'], (value) => new Date(value.$date)],
  [['$InfNaN'], (value) => value.$InfNaN / 0],
  [['$binary'], (value) => Buffer.from(value.$binary, 'base64')],
  [['$regexp', '$flags'], (value) => new RegExp(value.$regexp, value.$flags)],
  [['$escape'], (value) => eachField(value.$escape)],
  [['$type', '$value'], ofType],
];

/** Reads Meteor's EJSON. */
export function parse(text) {
  return revive(JSON.parse(text));
}

function revive(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(revive);
  }
  const reader = readerOf(value);
  return reader ? reader(value) : eachField(value);
}

function readerOf(value) {
  const names = Object.keys(value);
  const found = READERS.find(
    ([wanted]) => wanted.length === names.length && wanted.every((name) => names.includes(name)),
  );
  return found && found[1];
}

/** An object that is no type itself; what is in it may be. */
function eachField(value) {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, revive(one)]));
}

function ofType({ $type, $value }) {
  if (!Object.hasOwn(TYPES, $type)) {
    throw new Error(`no type of EJSON that is known: ${$type}`);
  }
  return TYPES[$type]($value);
}

/** A value as the driver reads it, which has types of the application under names of their own. */
export function fromMongo(value) {
  if (Array.isArray(value)) {
    return value.map(fromMongo);
  }
  if (value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  const { EJSON$type: $type, EJSON$value: $value } = value;
  return $type && $value && Object.keys(value).length === 2
    ? ofType({ $type, $value })
    : Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fromMongo(one)]));
}

/** A text that two values have in common when Meteor takes them for equal. */
export function canonical(value) {
  if (value instanceof Date) {
    return `date ${value.getTime()}`;
  }
  if (value instanceof Uint8Array) {
    return `binary ${Buffer.from(value).toString('base64')}`;
  }
  if (value instanceof ObjectId || value instanceof Decimal128 || value instanceof RegExp) {
    return `${value.constructor.name} ${value}`;
  }
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(', ')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const type = value instanceof Point ? 'Point ' : '';
    return `${type}{${Object.keys(value).sort().map((name) => field(name, value)).join(', ')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : `${value}`;
}

function field(name, value) {
  return `${JSON.stringify(name)}: ${canonical(value[name])}`;
}

export const equal = (one, other) => canonical(one) === canonical(other);
