package io.oplog.client;

import java.io.IOException;
import java.time.Duration;

/** Hears of connections that come and go; for people to read, not for decisions. */
public interface ConnectionListener {
  /** Says nothing. */
  ConnectionListener SILENT = new ConnectionListener() {};

  /** The server answered. */
  default void connected() {}

  /** There is no connection, and the next attempt is made after {@code wait}. */
  default void lost(IOException cause, Duration wait) {}
}
