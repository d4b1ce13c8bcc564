/** Another oplog over HTTP, as a sink of relays. */
@NullMarked
package io.oplog.connector.oplog;

import org.jspecify.annotations.NullMarked;
