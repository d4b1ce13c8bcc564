import { createRequire } from 'node:module';

// The packages are in a cache of the user's, not beside these sources.
const require = createRequire(`${process.env.JUDGE_PACKAGES}/judge.js`);

export const { Decimal128, MongoClient, ObjectId } = require('mongodb');
