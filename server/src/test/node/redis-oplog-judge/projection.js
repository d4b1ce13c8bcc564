/** What remains of a document under the option "fields", of which all or none are left out. */
export function project(doc, fields) {
  if (!fields) {
    return doc;
  }
  const isExclusion = isExcluding(fields);
  const paths = Object.keys(fields).filter((path) => isExclusion || path !== '_id');
  const rest = pick(doc, paths, isExclusion);
  return '_id' in doc ? { _id: doc._id, ...rest } : rest;
}

export function isExcluding(fields) {
  return !Object.values(fields)[0];
}

function pick(value, paths, isExclusion) {
  if (Array.isArray(value)) {
    return value.map((one) => pick(one, paths, isExclusion));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const kept = Object.entries(value).flatMap(([name, one]) => {
    const below = belowOf(name, paths);
    return paths.includes(name) || below.length === 0
      ? keptWhole(name, one, paths.includes(name) !== isExclusion)
      : keptPart(name, one, below, isExclusion);
  });
  return Object.fromEntries(kept);
}

function belowOf(name, paths) {
  return paths
    .filter((path) => path.startsWith(`${name}.`))
    .map((path) => path.slice(name.length + 1));
}

function keptWhole(name, value, isKept) {
  return isKept ? [[name, value]] : [];
}

/** Of a value that has no fields nothing is included. */
function keptPart(name, value, below, isExclusion) {
  const hasFields = value !== null && typeof value === 'object';
  return hasFields || isExclusion ? [[name, pick(value, below, isExclusion)]] : [];
}
