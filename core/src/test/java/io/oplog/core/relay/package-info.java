/** The loop between the two ends of a relay. */
@NullMarked
package io.oplog.core.relay;

import org.jspecify.annotations.NullMarked;
