/** The server as a whole: its options, and how its parts are put together. */
@NullMarked
package io.oplog.server;

import org.jspecify.annotations.NullMarked;
