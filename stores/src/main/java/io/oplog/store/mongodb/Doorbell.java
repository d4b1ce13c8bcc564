package io.oplog.store.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.util.concurrent.CountDownLatch;
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
  private static final long CLOSE_MILLIS = 5000;

  private final Collections collections;
  private final Runnable ring;
  private final Thread thread = new Thread(this::run, "oplog-mongodb-doorbell");
  private final CountDownLatch closed = new CountDownLatch(1);

  Doorbell(Collections collections, Runnable ring) {
    this.collections = collections;
    this.ring = ring;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private boolean isClosed() {
    return closed.getCount() == 0;
  }

  private void run() {
    while (!isClosed()) {
      try {
        watch();
      } catch (MongoException e) {
        LOG.debug("The change stream was cut", e);
        ring.run();
        pause();
      }
    }
  }

  private void watch() {
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        collections.changes().maxAwaitTime(AWAIT_MILLIS, TimeUnit.MILLISECONDS).cursor()) {
      while (!isClosed()) {
        if (changes.tryNext() != null) {
          ring.run();
        }
      }
    }
  }

  private void pause() {
    try {
      boolean _ = closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      closed.countDown();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }
}
