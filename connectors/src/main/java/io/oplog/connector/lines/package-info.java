/** Lines of JSON, as a sink of relays. */
@NullMarked
package io.oplog.connector.lines;

import org.jspecify.annotations.NullMarked;
