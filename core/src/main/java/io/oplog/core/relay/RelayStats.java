package io.oplog.core.relay;

import java.util.Optional;

/**
 * How a relay gets on.
 *
 * @param to the sink, in words
 * @param sent changes that were stored there since the start
 * @param refused changes that the sink will never take, and that were left out
 * @param discarded changes of these that the sink did not store, as an operator told it
 * @param conflated changes that were not handed to the sink, as a newer one stands for them
 * @param reconciled how often the sink was brought in line with everything that the source has
 * @param skips how often the sink went on at the end, and changes may be missing there
 * @param position after the last change that was stored; empty when none is known
 * @param backlog what waits
 * @param trouble why nothing gets through now; empty when it does
 */
public record RelayStats(
    String to,
    long sent,
    long refused,
    long discarded,
    long conflated,
    long reconciled,
    long skips,
    Optional<String> position,
    Backlog backlog,
    Optional<String> trouble) {}
