/** The ends of relays, held against their kits. */
@NullMarked
package io.oplog.server.relay;

import org.jspecify.annotations.NullMarked;
