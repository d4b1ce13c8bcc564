package io.oplog.protocol;

/** Hears what an {@link SseParser} finds, on the thread that feeds it. */
@FunctionalInterface
public interface SseListener {
  void onEvent(SseEvent event);

  /** The server asks to wait so many milliseconds before a reconnect. */
  default void onRetry(long millis) {}

  /** A comment, such as a heartbeat. */
  default void onComment() {}
}
