package io.oplog.core.engine;

import java.nio.ByteBuffer;

/**
 * Where a subscription's bytes go: one connection. Called by the event loop that owns the
 * connection alone, as is {@link Subscription#writable()} by which the connection answers.
 */
public interface Outlet {

  /**
   * Takes as many bytes as the connection has room for now, without waiting; moves the position of
   * the direct buffer past them and keeps no reference to it. When not all were taken the
   * connection calls {@link Subscription#writable()} once it has room again.
   *
   * @return whether all were taken; false, with the position unmoved, on a closed connection
   */
  boolean write(ByteBuffer bytes);

  /** Ends the connection; the subscription writes nothing after this. */
  void close(CloseReason reason);

  /** Why a stream is ended by the server. */
  enum CloseReason {
    /** The connection reached its greatest age; the client comes back, perhaps elsewhere. */
    MAX_AGE,
    /** The client took nothing for too long. */
    SLOW,
    /** The store failed while it was read. */
    STORE,
    /** The server stops. */
    SHUTDOWN
  }
}
