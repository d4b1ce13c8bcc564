/** The transport: epoll where it is present, NIO elsewhere. */
@NullMarked
package io.oplog.server.net;

import org.jspecify.annotations.NullMarked;
