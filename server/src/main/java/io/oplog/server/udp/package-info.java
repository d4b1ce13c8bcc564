/** Operations that come as datagrams. */
@NullMarked
package io.oplog.server.udp;

import org.jspecify.annotations.NullMarked;
