/** A store in plain collections: the reference that the others are held against, and for tests. */
@NullMarked
package io.oplog.core.memory;

import org.jspecify.annotations.NullMarked;
