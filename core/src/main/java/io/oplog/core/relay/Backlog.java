package io.oplog.core.relay;

/**
 * What a source has that the sink does not have yet.
 *
 * @param changes how many; {@link #UNKNOWN} where a source cannot tell
 * @param seconds the age of the oldest of them; {@link #UNKNOWN} likewise
 */
public record Backlog(long changes, long seconds) {
  public static final long UNKNOWN = -1;

  /** Nothing waits. */
  public static final Backlog NONE = new Backlog(0, 0);
}
