package io.oplog.core.engine;

/** Why a consumer is told to forget what it holds. */
public enum ResetReason {
  /** It asked for everything. */
  REQUESTED("requested"),
  /** Its position belongs to a log that was wiped or restored. */
  INCARNATION("incarnation"),
  /** Its position belongs to a history that was lost when an older copy of the data came back. */
  LOST_HISTORY("lost-history"),
  /** A deletion that it may have missed is no longer kept. */
  DELETES_DROPPED("deletes-dropped");

  private final String wireName;

  ResetReason(String wireName) {
    this.wireName = wireName;
  }

  /** The {@code reason} in the event's data. */
  public String wireName() {
    return wireName;
  }
}
