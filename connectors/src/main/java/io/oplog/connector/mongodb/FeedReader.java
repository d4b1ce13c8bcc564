package io.oplog.connector.mongodb;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.Optional;

/**
 * Reads an open feed batch by batch. After a failure it is of no use any more: what it had read
 * then is lost, and another one reads it again. One thread.
 */
interface FeedReader extends AutoCloseable {

  /**
   * What comes next. A server asked for it answers within a second, so that is the shortest wait.
   *
   * @return empty where nothing came, and the position is the same
   * @throws PositionLostException when what comes next can no longer be read
   */
  Optional<Batch<DocumentChange>> next(int maxBytes, long waitNanos)
      throws IOException, InterruptedException;

  /** After what was handed out. */
  String position();

  /** Whether more is here already. */
  boolean hasMore();

  @Override
  void close();
}
