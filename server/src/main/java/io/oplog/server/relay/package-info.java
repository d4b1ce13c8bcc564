/** The pages of a relay that is a process of its own. */
@NullMarked
package io.oplog.server.relay;

import org.jspecify.annotations.NullMarked;
