package io.oplog.connector.redis;

import io.lettuce.core.RedisFuture;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes to Redis what redis-oplog reads. Several copies of a relay may put the same changes at
 * once, in batches of their own: each message is published once, those of a collection in the order
 * of the source, and a batch is never {@link Sink.Elsewhere elsewhere}. Where Redis itself has
 * forgotten what was published, some messages are published twice.
 *
 * <p>Nothing is kept but the position, so there is nothing to bring in line: where changes are
 * lost, or the position is older than the catch-up limit, publishing begins at the end, which is
 * told in the log, by {@link #skips}, and to the subscribers of {@code <prefix>oplog:lost}, as
 * {@code {"source":…,"reason":…,"since":…}}.
 */
public final class RedisSink implements Sink<DocumentChange> {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSink.class);
  private static final String CLUSTER = "redis_mode:cluster";

  private final RedisOptions options;
  private final Duration catchUp;
  private final RedisServer server;
  private final Standings standings;
  private final RedisMessages messages;
  private final DenyList denied;
  private final LongAdder skips = new LongAdder();
  private String tooOld = "";

  /** Does nothing yet. */
  public RedisSink(RedisOptions options) {
    this.options = options;
    this.catchUp = options.catchUp();
    this.server = new RedisServer(options);
    this.standings = new Standings(server, catchUp);
    this.messages = new RedisMessages(options);
    this.denied = new DenyList(server, options.denyListKey());
  }

  /** Empty, too, when what follows is too old to be published. */
  @Override
  public Optional<String> position(String source) throws IOException, InterruptedException {
    Standing standing = standings.read(source, options.key(source));
    if (!standing.isOlderThan(catchUp)) {
      return standing.next();
    }
    if (!standing.position().equals(tooOld)) {
      tooOld = standing.position();
      LOG.warn(
          "{}: {}: publishing begins at the end, what happened between is not published",
          server.place(),
          standing.tooOld(catchUp));
    }
    return Optional.empty();
  }

  @Override
  public Receipt put(String source, Optional<String> from, Batch<DocumentChange> batch)
      throws IOException, InterruptedException {
    List<Refusal> refused = List.of();
    if (batch.changes().isEmpty()) {
      call(Script.MOVE, source, batch.to());
    } else {
      refused = publish(source, batch);
    }
    standings.put(source, batch.to());
    return new Stored(refused);
  }

  private List<Refusal> publish(String source, Batch<DocumentChange> batch)
      throws IOException, InterruptedException {
    denied.refresh();
    return server.goOn(redis -> {
      Publication publication = new Publication(redis, options.key(source), messages, denied);
      for (RedisFuture<Long> answer : publication.send(batch)) {
        server.await(answer);
      }
      return publication.refused();
    });
  }

  private long call(Script script, String source, String... arguments)
      throws IOException, InterruptedException {
    return server.goOn(redis -> {
      ScriptCall call = new ScriptCall(script, options.key(source));
      for (String argument : arguments) {
        call.with(argument);
      }
      return server.await(call.send(redis));
    });
  }

  /** Reads nothing of the scan. */
  @Override
  public Receipt reconcile(
      String source, Optional<String> from, Scan<DocumentChange> scan, String reason)
      throws IOException, InterruptedException {
    Standing standing = standings.last(source, from);
    String why = standing.isOlderThan(catchUp) ? standing.tooOld(catchUp) : reason;
    String to = scan.skip();
    String notice = LostNotice.of(source, why, standing);
    if (call(Script.SKIP, source, standing.stored(), to, options.lostChannel(), notice) == 0) {
      return new Elsewhere();
    }
    if (!standing.position().isEmpty()) {
      skips.increment();
    }
    standings.put(source, to);
    return new Stored(List.of());
  }

  @Override
  public long skips() {
    return skips.sum();
  }

  @Override
  public long discarded() {
    return denied.discarded();
  }

  /** The databases of which nothing is published. */
  public DenyList denyList() {
    return denied;
  }

  @Override
  public void check() throws IOException, InterruptedException {
    String info = server.ask(redis -> server.await(redis.info("server")));
    if (info.contains(CLUSTER)) {
      throw new UnusableException(
          server.place() + ": " + Diagnosis.NO_CLUSTER, new IOException(CLUSTER));
    }
    call(Script.CHECK, "check", options.checkChannel());
    var _ = denied.databases();
  }

  @Override
  public void close() {
    server.close();
  }
}
