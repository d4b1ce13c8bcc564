/**
 * Sorts the states of objects outside of memory, and keeps them in temporary files: what is held is
 * bounded whatever their number.
 */
@NullMarked
package io.oplog.client.sync.sort;

import org.jspecify.annotations.NullMarked;
