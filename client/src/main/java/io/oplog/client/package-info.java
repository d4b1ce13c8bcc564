/**
 * The consumer and the producer of a change stream, on the JDK and the protocol alone. The core is
 * blocking and pulled: threads sit above it.
 */
@NullMarked
package io.oplog.client;

import org.jspecify.annotations.NullMarked;
