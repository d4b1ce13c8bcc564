package io.oplog.connector.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisURI;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is wrong with a Redis, in words for whoever runs it. Never with the password. */
final class Diagnosis {

  /** By what its error begins with: what to do, where to try again does not help. */
  private static final Map<String, String> ADVICE =
      Map.of(
          "NOAUTH", "it wants a password, as in redis://:PASSWORD@host:6379",
          "WRONGPASS", "the user or the password is wrong",
          "ERR invalid password", "the password is wrong",
          "ERR AUTH", "it has no password: leave it out of the address",
          "ERR Client sent AUTH", "it has no password: leave it out of the address",
          "NOPERM",
              "allow the user hmget, hset, hdel, publish, time, info, script and evalsha,"
                  + " on all channels and on keys with :relay: or what copies are named",
          "READONLY", "it is a replica: give the address of the primary, or of the Sentinels",
          "MOVED", "it is a cluster: give the address of a Redis that is none",
          "CLUSTERDOWN", "it is a cluster: give the address of a Redis that is none",
          "ERR unknown command", "Redis 5 or newer is needed, without disabled commands");

  private Diagnosis() {}

  /** Where a server is. */
  static String place(RedisURI uri) {
    if (!uri.getSentinels().isEmpty()) {
      return "Redis " + uri.getSentinelMasterId() + " of the Sentinels " + sentinels(uri);
    }
    String socket = uri.getSocket();
    return "Redis at " + (socket == null ? address(uri) : socket);
  }

  private static String sentinels(RedisURI uri) {
    return uri.getSentinels().stream().map(Diagnosis::address).collect(Collectors.joining(", "));
  }

  private static String address(RedisURI uri) {
    return uri.getHost() + ":" + uri.getPort();
  }

  /** For what a command or connecting has thrown. */
  static IOException of(String place, Throwable thrown) {
    String words = place + ": " + words(thrown);
    String advice = advice(refusal(thrown));
    return advice == null
        ? new IOException(words, thrown)
        : new UnusableException(words + "; " + advice, thrown);
  }

  private static String words(Throwable thrown) {
    Throwable told = thrown;
    while (told.getCause() != null) {
      told = told.getCause();
    }
    return told.getMessage() == null ? told.getClass().getSimpleName() : told.getMessage();
  }

  /** What the server has answered; empty where it did not. */
  private static String refusal(Throwable thrown) {
    for (Throwable one = thrown; one != null; one = one.getCause()) {
      if (one instanceof RedisCommandExecutionException && one.getMessage() != null) {
        return one.getMessage();
      }
    }
    return "";
  }

  private static @Nullable String advice(String refusal) {
    return ADVICE.entrySet().stream()
        .filter(entry -> refusal.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }
}
