package io.oplog.connector.mongodb;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoException;
import com.mongodb.MongoInterruptedException;
import com.mongodb.ReadConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.jspecify.annotations.Nullable;

/** The servers that are read, connected when they are first asked something. Thread-safe. */
final class Deployment implements AutoCloseable {
  /** For a connection to be made, and for a server to be known. */
  private static final int CONNECT_SECONDS = 5;

  /**
   * For one answer. To find the next change that is wanted a server may read all of its oplog, so
   * this is long; a peer that is gone is noticed earlier, by TCP's own probes.
   */
  private static final int READ_MINUTES = 10;

  /** Asking something, in the driver's way. */
  @FunctionalInterface
  interface Question<T> {
    T ask(MongoClient client) throws IOException, InterruptedException;
  }

  private final MongoSourceOptions options;
  private @Nullable MongoClient client;
  private boolean closed;

  Deployment(MongoSourceOptions options) {
    this.options = options;
  }

  private synchronized MongoClient client() throws IOException {
    if (closed) {
      throw new IOException(place() + ": closed");
    }
    MongoClient connected = client == null ? MongoClients.create(settings(options)) : client;
    client = connected;
    return connected;
  }

  private static MongoClientSettings settings(MongoSourceOptions options) {
    return MongoClientSettings.builder()
        .applyToClusterSettings(
            cluster -> cluster.serverSelectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS))
        .applyToSocketSettings(socket ->
            socket
                .connectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
                .readTimeout(READ_MINUTES, TimeUnit.MINUTES))
        .applicationName("oplog")
        .applyConnectionString(options.server()) // the operator's own wins
        .readConcern(ReadConcern.MAJORITY)
        .build();
  }

  /** Where it is, in words. */
  String place() {
    return "MongoDB at " + options.place();
  }

  /**
   * Asks something.
   *
   * @param what is asked, in words that follow "cannot"
   * @throws IOException with what went wrong, for an operator
   */
  <T> T ask(String what, Question<T> question) throws IOException, InterruptedException {
    try {
      return question.ask(client());
    } catch (MongoException e) {
      throw told(what, e);
    } catch (IllegalStateException e) {
      throw unlessClosed(e);
    }
  }

  /** What was changed after a position is no longer to be had. */
  PositionLostException lost(String position, String why) {
    return new PositionLostException(
        place() + ": the changes after " + position + " cannot be read: " + why);
  }

  /** Something to be done, in the driver's way. */
  @FunctionalInterface
  interface Task {
    void with(MongoClient client) throws IOException, InterruptedException;
  }

  /** Does something; see {@link #ask}. */
  void run(String what, Task task) throws IOException, InterruptedException {
    boolean _ =
        ask(
            what,
            client -> {
              task.with(client);
              return true;
            });
  }

  private IOException told(String what, MongoException e) throws InterruptedException {
    if (e instanceof MongoInterruptedException) {
      boolean _ = Thread.interrupted(); // the driver has set it again
      throw (InterruptedException) new InterruptedException(what).initCause(e);
    }
    return Failures.of(place() + ": cannot " + what, e);
  }

  /** So the driver says that its client was closed. */
  private synchronized IOException unlessClosed(IllegalStateException e) {
    if (closed) {
      return new IOException(place() + ": closed", e);
    }
    throw e;
  }

  Hello hello() throws IOException, InterruptedException {
    BsonDocument hello = new BsonDocument("hello", new BsonInt32(1));
    return ask(
        "be asked", to -> new Hello(to.getDatabase("admin").runCommand(hello, BsonDocument.class)));
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.close();
    }
  }
}
