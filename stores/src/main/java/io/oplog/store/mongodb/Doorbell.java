package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rings when another process may have written to the log or moved the fold, told by a change
 * stream. Only a hint: who is rung looks for itself, and looks now and then without being rung. A
 * thread of its own.
 */
final class Doorbell implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final long AWAIT_MILLIS = 1000;
  private static final long RETRY_MILLIS = 1000;

  private final Collections collections;
  private final Runnable ring;
  private final Worker worker = new Worker("oplog-mongodb-doorbell", this::watchOrWait);

  Doorbell(Collections collections, Runnable ring) {
    this.collections = collections;
    this.ring = ring;
  }

  void start() {
    worker.start();
  }

  private void watchOrWait() {
    try {
      watch();
    } catch (MongoException e) {
      LOG.debug("The change stream was cut", e);
      ring.run();
      worker.await(RETRY_MILLIS);
    }
  }

  private void watch() {
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        collections.changes().maxAwaitTime(AWAIT_MILLIS, TimeUnit.MILLISECONDS).cursor()) {
      ring.run(); // what came before it was open
      while (!worker.isStopped()) {
        if (changes.tryNext() != null) {
          ring.run();
        }
      }
    }
  }

  @Override
  public void close() {
    boolean _ = worker.stop();
  }
}
