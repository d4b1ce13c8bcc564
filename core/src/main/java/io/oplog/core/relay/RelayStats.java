package io.oplog.core.relay;

import java.util.Optional;

/**
 * How a relay gets on.
 *
 * @param to the sink, in words
 * @param sent operations that were stored there since the start
 * @param refused operations that the sink will never take, and that were left out
 * @param backlog what waits
 * @param trouble why nothing gets through now; empty when it does
 */
public record RelayStats(
    String to, long sent, long refused, Backlog backlog, Optional<String> trouble) {}
