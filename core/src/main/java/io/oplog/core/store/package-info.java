/**
 * The store interface: a durable log of operations, and the states that follow it. {@link
 * io.oplog.core.store.Store} is what a backend implements.
 */
@NullMarked
package io.oplog.core.store;

import org.jspecify.annotations.NullMarked;
