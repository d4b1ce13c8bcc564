import { ObjectId } from './mongodb.js';

/** An _id as a text, in which no two _ids of different types are the same. */
export function idText(id) {
  if (id instanceof ObjectId) {
    return id.toHexString();
  }
  if (typeof id === 'string') {
    return mustBeMarked(id) ? `-${id}` : id;
  }
  if (typeof id === 'object' && id !== null) {
    throw new Error(`Meteor has no such _id: ${JSON.stringify(id)}`);
  }
  return id === undefined ? '-' : `~${JSON.stringify(id)}`;
}

/** Whether a string could be taken for the text of something else. */
function mustBeMarked(id) {
  return /^[-~{]/.test(id) || /^[0-9a-f]{24}$/.test(id);
}
