package io.oplog.server.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The variables of oplogtoredis and of changestream-to-redis, said by ours, so that {@code oplog
 * relay} takes their place in a deployment that stays as it is. Ours win.
 */
final class OtherVariables {
  /** As Go writes times. */
  private static final Pattern GO_TIME = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|us|µs|ns|h|m|s)");

  /** Where the pages of oplogtoredis are, unless it is told. */
  private static final String OTR_PAGES = "0.0.0.0:9000";

  private static final Pattern DATABASE = Pattern.compile("mongodb[^/]*//[^/]*/([^?/]+).*");

  private final Map<String, String> environment;
  private final Map<String, String> said = new TreeMap<>();
  private final List<String> notes = new ArrayList<>();

  /** What others' variables mean. */
  OtherVariables(Map<String, String> environment) {
    this.environment = environment;
    take("OTR_MONGO_URL", "OPLOG_FROM");
    take("OTR_REDIS_URL", "OPLOG_TO");
    if (isSet("OTR_REDIS_URL")) {
      say("OPLOG_LISTEN", environment.getOrDefault("OTR_HTTP_SERVER_ADDR", OTR_PAGES));
    }
    takeTime("OTR_MAX_CATCH_UP", "OPLOG_CATCH_UP");
    take("OTR_REDIS_METADATA_PREFIX", "OPLOG_COPIES");
    takeChangeStream();
  }

  /** changestream-to-redis watches the one database that its address names. */
  private void takeChangeStream() {
    if (!isSet("MONGO_URL") || !isSet("REDIS_URL")) {
      return;
    }
    take("MONGO_URL", "OPLOG_FROM");
    take("REDIS_URL", "OPLOG_TO");
    take("METRICS_ADDRESS", "OPLOG_LISTEN");
    Matcher matcher = DATABASE.matcher(value("MONGO_URL"));
    String database = matcher.matches() ? matcher.group(1) : "test";
    say("OPLOG_WATCH", database);
    collections("EXCLUDED_COLLECTIONS", "OPLOG_EXCLUDE", database);
    if (isSet("FULL_DOCUMENT")) {
      if (isSet("FULL_DOCUMENT_COLLECTIONS")) {
        collections("FULL_DOCUMENT_COLLECTIONS", "OPLOG_DOCUMENTS", database);
      } else {
        say("OPLOG_DOCUMENTS", database);
      }
    }
    if (isSet("DEBUG")) {
      say("OPLOG_LOG_LEVEL", "debug");
    }
  }

  private boolean isSet(String theirs) {
    return !value(theirs).isEmpty();
  }

  private String value(String theirs) {
    return environment.getOrDefault(theirs, "");
  }

  private void take(String theirs, String ours) {
    if (isSet(theirs) && say(ours, value(theirs))) {
      notes.add(theirs + " is taken as " + ours);
    }
  }

  private void takeTime(String theirs, String ours) {
    if (isSet(theirs)) {
      say(ours, millis(value(theirs)) + "ms");
    }
  }

  private void collections(String theirs, String ours, String database) {
    if (isSet(theirs)) {
      say(
          ours,
          Stream.of(value(theirs).split(","))
              .map(name -> database + "." + name.strip())
              .collect(Collectors.joining(",")));
    }
  }

  /** Whether nobody has said it before. */
  private boolean say(String ours, String value) {
    return environment.getOrDefault(ours, "").isEmpty() && said.putIfAbsent(ours, value) == null;
  }

  /** Zero for what is no time. */
  private static long millis(String goTime) {
    double millis = 0;
    Matcher parts = GO_TIME.matcher(goTime);
    while (parts.find()) {
      millis += Double.parseDouble(parts.group(1)) * unit(parts.group(2));
    }
    return Math.round(millis);
  }

  private static double unit(String letters) {
    return switch (letters) {
      case "h" -> 3.6e6;
      case "m" -> 6e4;
      case "s" -> 1e3;
      case "ms" -> 1;
      case "ns" -> 1e-6;
      default -> 1e-3;
    };
  }

  /** The environment with what they say. */
  Map<String, String> environment() {
    Map<String, String> whole = new HashMap<>(environment);
    whole.putAll(said);
    return whole;
  }

  /** What an operator should know; no values, which may be secret. */
  List<String> notes() {
    return List.copyOf(notes);
  }
}
