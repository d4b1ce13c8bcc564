/**
 * Benchmarks of the code that every operation passes through and that waits for nothing: parse,
 * encode, match, and the consumer's way back. One figure is one operation.
 */
@NullMarked
package io.oplog.benchmarks;

import org.jspecify.annotations.NullMarked;
