/** {@code oplog sync} beside producers that know nothing of it. */
@NullMarked
package io.oplog.server.sync;

import org.jspecify.annotations.NullMarked;
