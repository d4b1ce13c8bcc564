package io.oplog.server.command;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Hears every channel of a Redis, over a connection that is never cut. */
final class RedisListener implements AutoCloseable {
  private final RedisClient client;
  private final RedisCommands<String, String> commands;
  private final List<Heard> heard = new ArrayList<>();

  /** A message. */
  record Heard(String channel, String body) {
    /** With the changed fields in the order of their names. */
    Heard ordered() {
      int begin = body.indexOf("\"f\":[") + 5;
      int end = body.lastIndexOf(']');
      if (begin < 5 || end < begin) {
        return this;
      }
      String names =
          Stream.of(body.substring(begin, end).split(","))
              .sorted()
              .collect(Collectors.joining(","));
      return new Heard(channel, body.substring(0, begin) + names + body.substring(end));
    }
  }

  RedisListener(String uri) {
    client = RedisClient.create(uri);
    commands = client.connect().sync();
    var subscription = client.connectPubSub();
    subscription.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, String body) {
            add(new Heard(channel, body));
          }
        });
    subscription.sync().psubscribe("*");
  }

  private synchronized void add(Heard one) {
    heard.add(one);
  }

  /** Everything until now. */
  synchronized List<Heard> heard() {
    return List.copyOf(heard);
  }

  /** The messages of a channel, in their order. */
  List<String> heard(String channel) {
    return heard().stream().filter(one -> one.channel().equals(channel)).map(Heard::body).toList();
  }

  /** Waits for a message, and with it for all before. */
  void await(String channel) {
    OplogProcess.await(() -> !heard(channel).isEmpty());
  }

  /** Waits for what is published by this. */
  void awaitAll() {
    commands.publish("the-end", "");
    await("the-end");
  }

  /** The messages of all channels, each channel's in their order. */
  Map<String, List<String>> byChannel() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    for (Heard one : heard()) {
      all.computeIfAbsent(one.channel(), _ -> new ArrayList<>()).add(one.ordered().body());
    }
    return all;
  }

  /** Of the same server. */
  RedisCommands<String, String> commands() {
    return commands;
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(10));
  }
}
