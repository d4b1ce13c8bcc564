package io.oplog.connector.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisURI;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What is wrong with a Redis, in words for whoever runs it. Never with the password. */
final class Diagnosis {

  private static final String IN_SCRIPT = "@user_script: ";

  private static final String RIGHTS =
      "allow the user info, time, hget, hgetall, hmget, hset, hdel, del, smembers, publish, evalsha and"
          + " script|load (for the pages of the deny list also sadd and srem), all channels, and the keys that begin with the prefix and oplog:";

  private static final String NO_PASSWORD = "it has no password: leave it out of the address";

  static final String NO_CLUSTER = "it is a cluster: give the address of a Redis that is none";

  private static final String READ_ONLY = "READONLY";

  /** By what its error begins with: what to do, where to try again does not help. */
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          Map.entry("NOAUTH", "it wants a password, as in redis://:PASSWORD@host:6379"),
          Map.entry("WRONGPASS", "the user or the password is wrong"),
          Map.entry("ERR invalid password", "the password is wrong"),
          Map.entry("ERR AUTH", NO_PASSWORD),
          Map.entry("ERR Client sent AUTH", NO_PASSWORD),
          Map.entry("NOPERM", RIGHTS),
          Map.entry("The user executing the script", RIGHTS),
          Map.entry(
              "WRONGTYPE",
              "one of the keys PREFIXoplog:* holds what is not the relay's: see TYPE, and delete it, or"
                  + " take another --prefix"),
          Map.entry(READ_ONLY, "it is a replica: give the address of the primary, or of Sentinels"),
          Map.entry("MOVED", NO_CLUSTER),
          Map.entry("CLUSTERDOWN", NO_CLUSTER),
          Map.entry(
              "ERR unknown command",
              "it is a Sentinel, to be given as redis-sentinel://host#name, or older than Redis 5"));

  /** Those of them that are about the password, or the rights of its user. */
  private static final List<String> DENIALS =
      List.of("NOAUTH", "WRONGPASS", "ERR invalid password", "NOPERM", "The user executing");

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
  static IOException of(RedisURI uri, Throwable thrown) {
    String words = place(uri) + ": " + words(thrown);
    String refusal = refusal(thrown);
    if (isBetweenPrimaries(uri, refusal)) {
      return new IOException(words, thrown);
    }
    if (DENIALS.stream().anyMatch(refusal::startsWith)) {
      return UnusableException.denied(words + "; " + advice(refusal).orElse(RIGHTS), thrown);
    }
    return advice(refusal)
        .or(() -> TlsDiagnosis.advice(thrown))
        .or(() -> adviceOfStranger(words))
        .<IOException>map(advice -> new UnusableException(words + "; " + advice, thrown))
        .orElseGet(() -> new IOException(words, thrown));
  }

  /** The client's words for an answer that no Redis gives. */
  private static Optional<String> adviceOfStranger(String words) {
    return words.contains("Invalid first byte")
        ? Optional.of("what answers there is no Redis: is the port right?")
        : Optional.empty();
  }

  /** Sentinels name the old primary until the new one is found. */
  private static boolean isBetweenPrimaries(RedisURI uri, String refusal) {
    return !uri.getSentinels().isEmpty() && refusal.startsWith(READ_ONLY);
  }

  /** Whether the server does not know a script that it was given. */
  static boolean isForgotten(IOException failure) {
    Throwable thrown = failure.getCause();
    return thrown != null && thrown.getCause() instanceof RedisNoScriptException;
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
        return withoutPlace(one.getMessage());
      }
    }
    return "";
  }

  /** Before Redis 7 an error within a script comes after the place in it. */
  private static String withoutPlace(String refusal) {
    int place = refusal.lastIndexOf(IN_SCRIPT);
    if (place < 0) {
      return refusal;
    }
    String error = refusal.substring(refusal.indexOf(' ', place + IN_SCRIPT.length()) + 1);
    return error.startsWith("-") ? error.substring(1) : error;
  }

  private static Optional<String> advice(String refusal) {
    return ADVICE.entrySet().stream()
        .filter(entry -> refusal.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }
}
