package io.oplog.core.relay;

import java.util.Optional;

/**
 * How a relay gets on.
 *
 * @param to the sink, in words
 * @param sent changes that were stored there since the start
 * @param refused changes that the sink will never take, and that were left out
 * @param discarded changes of these that the sink did not store, as an operator told it
 * @param reconciled how often the sink was brought in line with everything that the source has
 * @param position after the last change that was stored; empty when none is known
 * @param backlog what waits
 * @param trouble why nothing gets through now; empty when it does
 */
public record RelayStats(
    String to,
    long sent,
    long refused,
    long discarded,
    long reconciled,
    Optional<String> position,
    Backlog backlog,
    Optional<String> trouble) {}
