package io.oplog.server.command;

import io.oplog.server.config.ConfigDefaults;
import io.oplog.server.config.ConfigException;
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

  /**
   * What others' variables mean, unless it was said otherwise where changes come from or go to:
   * then they are those of another program beside this one.
   *
   * @param arguments the flags
   */
  OtherVariables(Map<String, String> environment, String... arguments) {
    this.environment = environment;
    if (isSaid(arguments)) {
      return;
    }
    if (isSet("OTR_MONGO_URL") && isSet("OTR_REDIS_URL")) {
      takeOplogToRedis();
    } else if (isSet("MONGO_URL") && isSet("REDIS_URL")) {
      takeChangeStream();
    }
  }

  private boolean isSaid(String... arguments) {
    return Stream.of("from", "from-file", "to", "to-file", "config")
        .anyMatch(name ->
            isSet(ConfigDefaults.variable(name))
                || Stream.of(arguments)
                    .anyMatch(
                        flag -> flag.equals("--" + name) || flag.startsWith("--" + name + "=")));
  }

  private void takeOplogToRedis() {
    take("OTR_MONGO_URL", "from", value("OTR_MONGO_URL"));
    take("OTR_REDIS_URL", "to", value("OTR_REDIS_URL"));
    take(
        "OTR_HTTP_SERVER_ADDR",
        "listen",
        isSet("OTR_HTTP_SERVER_ADDR") ? value("OTR_HTTP_SERVER_ADDR") : OTR_PAGES);
    if (isSet("OTR_MAX_CATCH_UP")) {
      take("OTR_MAX_CATCH_UP", "catch-up", millis(value("OTR_MAX_CATCH_UP")) + "ms");
    }
    if (isSet("OTR_REDIS_METADATA_PREFIX")) {
      take("OTR_REDIS_METADATA_PREFIX", "copies", value("OTR_REDIS_METADATA_PREFIX"));
    }
  }

  /** changestream-to-redis watches the one database that its address names. */
  private void takeChangeStream() {
    Matcher matcher = DATABASE.matcher(value("MONGO_URL"));
    String database = matcher.matches() ? matcher.group(1) : "test";
    take("MONGO_URL", "from", value("MONGO_URL"));
    take("MONGO_URL", "watch", database);
    take("REDIS_URL", "to", value("REDIS_URL"));
    if (isSet("METRICS_ADDRESS")) {
      take("METRICS_ADDRESS", "listen", value("METRICS_ADDRESS"));
    }
    takeCollections("EXCLUDED_COLLECTIONS", "exclude", database);
    if (isSet("FULL_DOCUMENT") && !isSet("FULL_DOCUMENT_COLLECTIONS")) {
      take("FULL_DOCUMENT", "documents", database);
    } else if (isSet("FULL_DOCUMENT")) {
      takeCollections("FULL_DOCUMENT_COLLECTIONS", "documents", database);
    }
    if (isSet("DEBUG")) {
      take("DEBUG", "log-level", "debug");
    }
  }

  private void takeCollections(String theirs, String option, String database) {
    if (isSet(theirs)) {
      String patterns =
          Stream.of(value(theirs).split(","))
              .map(name -> database + "." + name.strip())
              .collect(Collectors.joining(","));
      take(theirs, option, patterns);
    }
  }

  /** Ours wins, if it is set. */
  private void take(String theirs, String option, String value) {
    String ours = ConfigDefaults.variable(option);
    if (!isSet(ours)) {
      said.put(ours, value);
      notes.add(theirs + " is taken as --" + option);
    }
  }

  private boolean isSet(String theirs) {
    return !value(theirs).isEmpty();
  }

  private String value(String theirs) {
    return environment.getOrDefault(theirs, "");
  }

  private static long millis(String goTime) {
    if (!goTime.matches("(" + GO_TIME.pattern() + ")+|0")) {
      throw new ConfigException("OTR_MAX_CATCH_UP: '" + goTime + "' is not like 60s or 1m30s");
    }
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
