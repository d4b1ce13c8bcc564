package io.oplog.connector.mongodb;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A MongoDB deployment, by its change stream or the oplog of a member: what a majority of its
 * members has, in order, from any position that the server's oplog still holds. Where it does not,
 * and at the beginning, a scan takes its place.
 *
 * <p>Of documents everything is handed on that is wanted, and perhaps more. Where the names of
 * fields alone are wanted, a document has those at its top with null for each value.
 */
public final class MongoSource implements Source<DocumentChange> {
  private static final Logger LOG = LoggerFactory.getLogger(MongoSource.class);

  private final MongoSourceOptions options;
  private final Deployment deployment;
  private final WantedFields wanted;
  private final Standing standing = new Standing();
  private final Feed feed;
  private @Nullable FeedReader reader;
  private @Nullable Loss loss;

  /** A position that was good until what follows it was met. */
  private record Loss(String position, String reason) {}

  /** Does nothing yet. */
  public MongoSource(MongoSourceOptions options) {
    this.options = options;
    this.deployment = new Deployment(options);
    this.wanted = new WantedFields(options.needs());
    this.feed =
        switch (options.reading()) {
          case Reading.Changes _ -> new StreamFeed(options, deployment, wanted);
          case Reading.Log log -> new TailFeed(options, log, deployment, wanted);
        };
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public Start<DocumentChange> seek(Optional<String> position)
      throws IOException, InterruptedException {
    stop();
    if (position.isEmpty()) {
      return scan("there is no position of " + deployment.place() + " to go on from");
    }
    Loss met = loss;
    if (met != null && met.position().equals(position.get())) {
      return lost(met.reason());
    }
    Optional<Position> start = Position.parse(position.get());
    return start.isEmpty()
        ? lost("'" + position.get() + "' is no position of a change")
        : open(start.get());
  }

  private Start<DocumentChange> open(Position start) throws IOException, InterruptedException {
    try {
      reader = feed.after(start);
      return new Start.Resumed<>();
    } catch (PositionLostException e) {
      return lost(String.valueOf(e.getMessage()));
    }
  }

  private Start<DocumentChange> lost(String reason) throws IOException, InterruptedException {
    LOG.warn("Changes were lost, so everything is scanned: {}", reason);
    return scan(reason);
  }

  private Start<DocumentChange> scan(String reason) throws IOException, InterruptedException {
    return new Start.Lost<>(reason, scan(deployment.hello()));
  }

  private DatabaseScan scan(Hello begin) {
    return new DatabaseScan(deployment, options.watch(), wanted, begin, feed);
  }

  @Override
  public Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    FeedReader open = reader;
    if (open == null) {
      throw new IOException(deployment.place() + ": nothing is read before it is known from where");
    }
    try {
      Optional<Batch<DocumentChange>> batch = open.next(maxBytes, wait.toNanos());
      note(batch, open);
      return batch;
    } catch (PositionLostException e) {
      loss = new Loss(open.position(), String.valueOf(e.getMessage()));
      stop();
      throw e;
    } catch (IOException | InterruptedException | RuntimeException e) {
      stop();
      throw e;
    }
  }

  private void note(Optional<Batch<DocumentChange>> batch, FeedReader from) {
    if (batch.isPresent() && !batch.get().changes().isEmpty()) {
      standing.handed(batch.get().changes(), batch.get().to(), from.hasMore());
    } else {
      standing.caughtUp();
    }
  }

  /** What was read and not handed out is read again by whoever seeks. */
  private void stop() {
    standing.unknown();
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  @Override
  public void acknowledged(String position) {
    standing.acknowledged(position);
  }

  @Override
  public Backlog backlog() {
    return standing.backlog(System.currentTimeMillis());
  }

  /** Opens what is read: that needs all that reading needs, but for the scan. */
  @Override
  public void check() throws IOException, InterruptedException {
    Hello hello = deployment.hello();
    hello.requireSuitable(deployment.place());
    feed.probe();
    warnOfNothing(scan(hello));
  }

  /** A name that is misspelt looks like a collection that does not change. */
  private void warnOfNothing(DatabaseScan scan) throws InterruptedException {
    try {
      if (scan.namespaces().isEmpty()) {
        LOG.warn(
            "{} has no collection that is wanted: nothing is read until there is one",
            deployment.place());
      }
    } catch (IOException e) {
      LOG.debug("Collections cannot be listed", e); // which following them does not need
    }
  }

  /** May be called while another thread waits in {@link #next}, which then fails. */
  @Override
  public void close() {
    deployment.close();
  }
}
