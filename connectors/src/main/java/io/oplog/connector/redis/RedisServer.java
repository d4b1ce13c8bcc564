package io.oplog.connector.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The Redis that is published to, over one connection. It is made when it is needed, and again
 * after anything has gone wrong: then nothing that was sent before can arrive any more, and
 * Sentinels are asked anew. Thread-safe.
 */
final class RedisServer implements AutoCloseable {
  private static final List<Script> SCRIPTS =
      List.of(Script.PUBLISH, Script.MOVE, Script.SKIP, Script.CHECK);

  private static final ClientOptions CLIENT =
      ClientOptions.builder()
          .autoReconnect(false)
          .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
          .build();

  private final RedisURI uri;
  private final Duration timeout;
  private final Optional<Authorities> authorities;
  private final String place;
  private @Nullable RedisClient client;
  private @Nullable StatefulRedisConnection<byte[], byte[]> connection;

  /** Over which was asked where a source stands. */
  private volatile @Nullable StatefulRedisConnection<byte[], byte[]> begun;

  private boolean isLoaded;
  private boolean isClosed;

  /** Does nothing yet. */
  RedisServer(RedisOptions options) {
    this.uri = options.uri();
    this.timeout = options.timeout();
    this.authorities = options.authorities();
    this.place = options.place();
    uri.setTimeout(timeout); // of connecting; the builder cannot copy Sentinels
  }

  /** Whether another server may take its place. */
  boolean hasSentinels() {
    return !uri.getSentinels().isEmpty();
  }

  /** Where it is, without its password. */
  String place() {
    return place;
  }

  /** What is asked; may be run twice. */
  interface Question<T> {
    T ask(RedisAsyncCommands<byte[], byte[]> redis)
        throws ExecutionException, TimeoutException, InterruptedException;
  }

  /**
   * Asks, once more where the server has forgotten the scripts.
   *
   * @throws IOException when it is not known what became of the question
   */
  <T> T ask(Question<T> question) throws IOException, InterruptedException {
    return ask(this::connection, question);
  }

  /** Asks what later questions rely on. */
  <T> T begin(Question<T> question) throws IOException, InterruptedException {
    return ask(
        () -> {
          begun = connection();
          return begun;
        },
        question);
  }

  /**
   * Asks over the connection of the last {@link #begin}, if there was one: over a new one may be
   * another server, which took over and does not have all that the old one had.
   */
  <T> T goOn(Question<T> question) throws IOException, InterruptedException {
    return ask(
        () -> {
          StatefulRedisConnection<byte[], byte[]> open = connection();
          if (begun != null && !begun.equals(open)) {
            throw new IOException(place + ": the connection ended");
          }
          return open;
        },
        question);
  }

  private interface Way {
    StatefulRedisConnection<byte[], byte[]> open()
        throws IOException, ExecutionException, TimeoutException, InterruptedException;
  }

  private <T> T ask(Way way, Question<T> question) throws IOException, InterruptedException {
    try {
      return once(way, question);
    } catch (IOException e) {
      if (!Diagnosis.isForgotten(e)) {
        throw e;
      }
      return once(way, question);
    }
  }

  private <T> T once(Way way, Question<T> question) throws IOException, InterruptedException {
    StatefulRedisConnection<byte[], byte[]> used = null;
    try {
      used = way.open();
      return question.ask(used.async());
    } catch (InterruptedException e) {
      drop(used);
      throw e;
    } catch (TimeoutException e) {
      drop(used);
      throw noAnswer(used == null, e);
    } catch (ExecutionException | RedisException | CancellationException e) {
      throw failed(used, e);
    }
  }

  private IOException failed(
      @Nullable StatefulRedisConnection<byte[], byte[]> used, Exception thrown) {
    // the client's own limit may be reached a moment before ours
    IOException failure =
        thrown.getCause() instanceof RedisCommandTimeoutException
            ? noAnswer(used == null, thrown)
            : Diagnosis.of(uri, thrown);
    if (Diagnosis.isForgotten(failure)) {
      forget();
    } else {
      drop(used);
    }
    return failure;
  }

  private synchronized void forget() {
    isLoaded = false;
  }

  /** A Redis without TLS waits for the end of what is the beginning of a handshake. */
  private IOException noAnswer(boolean isFirst, Exception cause) {
    String doubt = isFirst && uri.isSsl() ? "; perhaps it does not speak TLS there" : "";
    return new IOException(
        place + ": no answer within " + timeout.toSeconds() + " s" + doubt, cause);
  }

  /** An answer that has come in time. */
  <T> T await(RedisFuture<T> answer)
      throws ExecutionException, TimeoutException, InterruptedException {
    return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private synchronized StatefulRedisConnection<byte[], byte[]> connection()
      throws IOException, ExecutionException, TimeoutException, InterruptedException {
    if (isClosed) {
      throw new IOException(place + ": closed");
    }
    StatefulRedisConnection<byte[], byte[]> open = connection;
    if (open == null || !open.isOpen()) {
      drop();
      open = client().connect(ByteArrayCodec.INSTANCE);
      connection = open;
      isLoaded = false;
    }
    if (!isLoaded) {
      load(open);
      isLoaded = true;
    }
    return open;
  }

  private void load(StatefulRedisConnection<byte[], byte[]> open)
      throws ExecutionException, TimeoutException, InterruptedException {
    for (Script script : SCRIPTS) {
      String _ = await(open.async().scriptLoad(script.text()));
    }
  }

  private RedisClient client() throws UnusableException {
    RedisClient made = client;
    if (made == null) {
      ClientOptions options = options();
      made = RedisClient.create(uri);
      made.setOptions(options);
      client = made;
    }
    return made;
  }

  private ClientOptions options() throws UnusableException {
    ClientOptions.Builder options = CLIENT.mutate();
    options.socketOptions(SocketOptions.builder().connectTimeout(timeout).build());
    if (authorities.isPresent()) {
      options.sslOptions(SslOptions.builder().trustManager(authorities.get().trust()).build());
    }
    return options.build();
  }

  private synchronized void drop() {
    drop(connection);
  }

  /** The one that another thread has made meanwhile stays; none is the one that is being made. */
  private synchronized void drop(@Nullable StatefulRedisConnection<byte[], byte[]> used) {
    StatefulRedisConnection<byte[], byte[]> gone = used == null ? connection : used;
    if (gone != null) {
      gone.close();
    }
    if (Objects.equals(gone, connection)) {
      connection = null;
    }
  }

  @Override
  public void close() {
    RedisClient made = end();
    if (made != null) {
      made.shutdown(0, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private synchronized @Nullable RedisClient end() {
    isClosed = true;
    RedisClient made = client;
    client = null;
    connection = null;
    return made;
  }
}
