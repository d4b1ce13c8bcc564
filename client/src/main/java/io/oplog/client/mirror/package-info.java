/** Keeps a copy of the objects of a log in step with their source. */
@NullMarked
package io.oplog.client.mirror;

import org.jspecify.annotations.NullMarked;
