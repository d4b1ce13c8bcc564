/**
 * HTTP/1.1 on Netty: requests are read, answered in order, and a stream's connection is handed over
 * to an outlet of the engine that has no HTTP left in it.
 */
@NullMarked
package io.oplog.server.http;

import org.jspecify.annotations.NullMarked;
