package io.oplog.core.relay;

/**
 * What a source has that the sink does not have yet.
 *
 * @param operations how many, as far as the source can tell
 * @param seconds the age of the oldest of them
 */
public record Backlog(long operations, long seconds) {}
