package io.oplog.connector.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
  private final String place;
  private @Nullable RedisClient client;
  private @Nullable StatefulRedisConnection<byte[], byte[]> connection;
  private boolean isClosed;

  RedisServer(RedisURI uri, Duration timeout) {
    uri.setTimeout(timeout); // of connecting; the builder cannot copy Sentinels
    this.uri = uri;
    this.timeout = timeout;
    this.place = Diagnosis.place(uri);
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
    try {
      return once(question);
    } catch (IOException e) {
      if (!Diagnosis.isForgotten(e)) {
        throw e;
      }
      return once(question);
    }
  }

  private <T> T once(Question<T> question) throws IOException, InterruptedException {
    StatefulRedisConnection<byte[], byte[]> used = null;
    try {
      used = connection();
      return question.ask(used.async());
    } catch (InterruptedException e) {
      drop(used);
      throw e;
    } catch (TimeoutException e) {
      drop(used);
      throw noAnswer(e);
    } catch (ExecutionException | RedisException | CancellationException e) {
      drop(used);
      // the client's own limit may be reached a moment before ours
      throw e.getCause() instanceof RedisCommandTimeoutException
          ? noAnswer(e)
          : Diagnosis.of(place, e);
    }
  }

  private IOException noAnswer(Exception cause) {
    return new IOException(place + ": no answer within " + timeout.toSeconds() + " s", cause);
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
      for (Script script : SCRIPTS) {
        String _ = await(open.async().scriptLoad(script.text()));
      }
    }
    return open;
  }

  private RedisClient client() {
    RedisClient made = client;
    if (made == null) {
      made = RedisClient.create(uri);
      SocketOptions sockets = SocketOptions.builder().connectTimeout(timeout).build();
      made.setOptions(CLIENT.mutate().socketOptions(sockets).build());
      client = made;
    }
    return made;
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
