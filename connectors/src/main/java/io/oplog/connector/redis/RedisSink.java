package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.KeyValue;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.io.StringWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Publishes to Redis what redis-oplog reads. Several copies of a relay may put the same changes at
 * once, in batches of their own: each message is published once, in the order of the source, and a
 * batch is never {@link Sink.Elsewhere elsewhere}.
 *
 * <p>Nothing is kept but the position, so there is nothing to bring in line: where changes are
 * lost, or the position is older than the catch-up limit, publishing begins at the end, which is
 * told in the log, by {@link #skips}, and to the subscribers of {@code <prefix>oplog:lost} as
 * {@code {"source":…,"reason":…,"since":…}}, {@code since} in milliseconds or null.
 */
public final class RedisSink implements Sink<DocumentChange> {
  private static final Logger LOG = LoggerFactory.getLogger(RedisSink.class);
  private static final String CLUSTER = "redis_mode:cluster";
  private static final Receipt STORED = new Stored(List.of());

  /** A relay that has nothing to publish moves its position every ten seconds. */
  private static final String PATIENCE_SECONDS = "30";

  private final RedisOptions options;
  private final RedisServer server;
  private final RedisMessages messages;
  private final LongAdder skips = new LongAdder();

  /** As it was read, until something is put. */
  private final Map<String, Standing> standings = new HashMap<>();

  /** What this copy has put, for a Redis that forgets. */
  private final Map<String, Put> puts = new HashMap<>();

  /** A position up to which everything is published, and when that became known. */
  private record Put(String position, long nanos) {}

  /** Does nothing yet. */
  public RedisSink(RedisOptions options) {
    this.options = options;
    this.server = new RedisServer(options.uri(), options.timeout());
    this.messages = new RedisMessages(options);
  }

  /** Empty, too, when what follows is too old to be published. */
  @Override
  public Optional<String> position(String source) throws IOException, InterruptedException {
    Standing now = server.ask(redis -> standing(redis, source));
    Standing before = standings.put(source, now);
    if (!now.isOlderThan(options.catchUp())) {
      return now.next();
    }
    if (before == null || !before.position().equals(now.position())) {
      LOG.warn(
          "{}: {}: publishing begins at the end, what happened between is not published",
          server.place(),
          now.tooOld(options.catchUp()));
    }
    return Optional.empty();
  }

  private Standing standing(RedisAsyncCommands<byte[], byte[]> redis, String source)
      throws ExecutionException, TimeoutException, InterruptedException {
    RedisFuture<List<KeyValue<byte[], byte[]>>> fields =
        redis.hmget(bytes(options.key(source)), bytes("position"), bytes("at"));
    RedisFuture<List<byte[]>> time = redis.time();
    String stored = text(server.await(fields).get(0));
    long now = Long.parseLong(new String(server.await(time).get(0), UTF_8));
    Put put = puts.get(source);
    if (!stored.isEmpty() || put == null) {
      String at = text(server.await(fields).get(1));
      return new Standing(stored, stored, at.isEmpty() ? 0 : now - Long.parseLong(at));
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - put.nanos());
    return new Standing("", put.position(), seconds);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String text(KeyValue<byte[], byte[]> field) {
    return field.hasValue() ? new String(field.getValue(), UTF_8) : "";
  }

  @Override
  public Receipt put(String source, Optional<String> from, Batch<DocumentChange> batch)
      throws IOException, InterruptedException {
    if (batch.changes().isEmpty()) {
      move(source, from.orElse(""), batch.to());
    } else {
      publish(source, batch);
    }
    remember(source, batch.to());
    return STORED;
  }

  private void move(String source, String from, String to)
      throws IOException, InterruptedException {
    call(Script.MOVE, source, from, to, PATIENCE_SECONDS);
  }

  private long call(Script script, String source, String... arguments)
      throws IOException, InterruptedException {
    return server.ask(redis -> {
      ScriptCall call = new ScriptCall(script, options.key(source));
      for (String argument : arguments) {
        call.with(argument);
      }
      return server.await(call.send(redis));
    });
  }

  private void publish(String source, Batch<DocumentChange> batch)
      throws IOException, InterruptedException {
    server.ask(redis -> {
      Publication publication = new Publication(redis, options.key(source), messages);
      for (RedisFuture<Long> answer : publication.send(batch)) {
        server.await(answer);
      }
      return true;
    });
  }

  private void remember(String source, String position) {
    puts.put(source, new Put(position, System.nanoTime()));
    standings.remove(source);
  }

  /** Reads nothing of the scan. */
  @Override
  public Receipt reconcile(
      String source, Optional<String> from, Scan<DocumentChange> scan, String reason)
      throws IOException, InterruptedException {
    String given = from.orElse("");
    Standing standing = standings.getOrDefault(source, new Standing(given, given, 0));
    String to = scan.skip();
    String notice = notice(source, standing, reason);
    if (call(Script.SKIP, source, standing.stored(), to, options.lostChannel(), notice) == 0) {
      return new Elsewhere();
    }
    if (!standing.position().isEmpty()) {
      skips.increment();
    }
    remember(source, to);
    return STORED;
  }

  private String notice(String source, Standing standing, String reason) {
    boolean isTooOld = standing.isOlderThan(options.catchUp());
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Ejson.JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("source", source);
      json.writeStringProperty("reason", isTooOld ? standing.tooOld(options.catchUp()) : reason);
      json.writeName("since");
      if (standing.position().isEmpty()) {
        json.writeNull();
      } else {
        json.writeNumber(System.currentTimeMillis() - 1000 * standing.seconds());
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  /** How often publishing went on at the end although it had been elsewhere before. Any thread. */
  public long skips() {
    return skips.sum();
  }

  @Override
  public void check() throws IOException, InterruptedException {
    String info = server.ask(redis -> server.await(redis.info("server")));
    if (info.contains(CLUSTER)) {
      throw new UnusableException(
          server.place() + ": " + Diagnosis.NO_CLUSTER, new IOException(CLUSTER));
    }
    call(Script.CHECK, "check");
  }

  @Override
  public void close() {
    server.close();
  }
}
