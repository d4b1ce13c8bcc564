/** Redis, as a sink of relays: publishes in the format that Meteor's redis-oplog reads. */
@NullMarked
package io.oplog.connector.redis;

import org.jspecify.annotations.NullMarked;
