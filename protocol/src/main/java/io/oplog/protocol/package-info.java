/**
 * The model of the change stream and its codecs, without I/O: operations, event ids, filters and
 * cursors; JSON and Server-Sent Events as bytes.
 */
@NullMarked
package io.oplog.protocol;

import org.jspecify.annotations.NullMarked;
