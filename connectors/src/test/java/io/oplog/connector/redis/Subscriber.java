package io.oplog.connector.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Hears every channel of a server. */
final class Subscriber implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final RedisClient client;
  private final StatefulRedisConnection<String, String> connection;
  private final BlockingQueue<Heard> incoming = new LinkedBlockingQueue<>();
  private final List<Heard> heard = new ArrayList<>();

  /** A message. */
  record Heard(String channel, String body) {}

  Subscriber(String uri) {
    client = RedisClient.create(uri);
    connection = client.connect();
    var subscription = client.connectPubSub();
    subscription.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, String body) {
            incoming.add(new Heard(channel, body));
          }
        });
    subscription.sync().psubscribe("*");
  }

  /** All that was published until now. */
  List<Heard> heard() throws InterruptedException {
    String mark = UUID.randomUUID().toString();
    connection.sync().publish(mark, "");
    while (true) {
      Heard next = incoming.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("the mark does not arrive");
      }
      if (next.channel().equals(mark)) {
        return heard;
      }
      heard.add(next);
    }
  }

  /** The bodies of a channel. */
  List<String> heard(String channel) throws InterruptedException {
    return heard().stream().filter(one -> one.channel().equals(channel)).map(Heard::body).toList();
  }

  /** Of the same server. */
  StatefulRedisConnection<String, String> connection() {
    return connection;
  }

  @Override
  public void close() {
    client.shutdown(0, PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
