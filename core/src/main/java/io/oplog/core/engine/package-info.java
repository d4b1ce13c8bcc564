/**
 * From a producer's operations to every consumer's socket: the ingester with its bounded queue and
 * its one writer, the tail of the log in memory, and the subscriptions that follow it.
 */
@NullMarked
package io.oplog.core.engine;

import org.jspecify.annotations.NullMarked;
