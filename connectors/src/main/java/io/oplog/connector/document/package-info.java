/** What a document database tells of its documents, and what of it is wanted. */
@NullMarked
package io.oplog.connector.document;

import org.jspecify.annotations.NullMarked;
