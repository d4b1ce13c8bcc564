/** MongoDB as a source of relays: what its change stream tells of documents. */
@NullMarked
package io.oplog.connector.mongodb;

import org.jspecify.annotations.NullMarked;
