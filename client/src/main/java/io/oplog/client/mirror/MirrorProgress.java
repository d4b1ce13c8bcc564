package io.oplog.client.mirror;

/**
 * How far a replication is.
 *
 * @param replicated operations and states that were committed since the run began
 * @param rate how many in a second
 * @param live whether the mirror has caught up
 */
public record MirrorProgress(long replicated, double rate, boolean live) {}
