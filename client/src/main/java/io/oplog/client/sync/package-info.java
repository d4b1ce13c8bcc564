/**
 * Compares the states of a log with a dump of their source, and sends what mends the difference.
 * Both sides are sorted outside of memory ({@code sort}), so what is held is bounded whatever their
 * size.
 */
@NullMarked
package io.oplog.client.sync;

import org.jspecify.annotations.NullMarked;
