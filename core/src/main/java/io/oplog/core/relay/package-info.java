/**
 * From a source of changes to a sink, in order and each exactly once.
 *
 * <p>A {@link Source} gives batches, a {@link Sink} stores each together with the source's position
 * after it, and a {@link Relay} is the loop between. Where the source goes on is what the sink has
 * stored, so there is no checkpoint that could be lost or disagree with what was stored. Where the
 * source no longer has what comes next, a {@link Scan} of everything brings the sink in line.
 */
@NullMarked
package io.oplog.core.relay;

import org.jspecify.annotations.NullMarked;
