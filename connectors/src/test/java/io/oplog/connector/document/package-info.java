/** How documents become operations. */
@NullMarked
package io.oplog.connector.document;

import org.jspecify.annotations.NullMarked;
