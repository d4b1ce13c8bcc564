/** The server as clients meet it: plain sockets that speak HTTP by hand. */
@NullMarked
package io.oplog.server;

import org.jspecify.annotations.NullMarked;
