package io.oplog.server.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option that is not among the flags takes its value from: {@code OPLOG_…}, then the
 * original's {@code OPLOGD_…}, then the file, then what the option itself says. Immutable.
 */
public final class ConfigDefaults implements IDefaultValueProvider {
  /** Variables of the original daemon that are still understood, by our options. */
  private static final Map<String, String> ORIGINAL =
      Map.of(
          "listen", "OPLOGD_LISTEN",
          "store", "OPLOGD_MONGO_URL",
          "password", "OPLOGD_PASSWORD",
          "ingest-password", "OPLOGD_INGEST_PASSWORD",
          "object-url", "OPLOGD_OBJECT_URL",
          "max-queued-events", "OPLOGD_MAX_QUEUED_EVENTS");

  private final Map<String, String> environment;
  private final ConfigFile file;

  public ConfigDefaults(Map<String, String> environment, ConfigFile file) {
    this.environment = Map.copyOf(environment);
    this.file = file;
  }

  /** Where values are looked for. */
  public enum Source {
    VARIABLE,
    FILE
  }

  /**
   * A value and its place.
   *
   * @param origin the name of the variable, or of the file
   */
  public record Found(String value, Source source, String origin) {

    /** Where the option stands: the variable, or its line in the file. */
    public String place(String option) {
      return source == Source.VARIABLE ? origin : option + " in " + origin;
    }
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? find(name(option)).map(Found::value).orElse(null)
        : null;
  }

  /** The option's own name: the first one, without its dashes. */
  public static String name(OptionSpec option) {
    return option.names()[0].replaceFirst("^-+", "");
  }

  /** The variable that sets an option. */
  public static String variable(String option) {
    return "OPLOG_" + option.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Looks an option up, by its name without dashes. An empty variable counts as not set. */
  public Optional<Found> find(String option) {
    return ours(option)
        .filter(ConfigDefaults::isSet)
        .or(() -> originals(option).filter(ConfigDefaults::isSet))
        .or(() -> inFile(option));
  }

  /**
   * What is said of options that stand for each other, by the first place that names any of them.
   * Here an empty variable counts: who sets one must hear that it does nothing.
   */
  public Map<String, Found> findTogether(List<String> options) {
    return Stream.<Function<String, Optional<Found>>>of(this::ours, this::originals, this::inFile)
        .map(place -> named(options, place))
        .filter(found -> !found.isEmpty())
        .findFirst()
        .orElse(Map.of());
  }

  private static Map<String, Found> named(
      List<String> options, Function<String, Optional<Found>> place) {
    Map<String, Found> named = new LinkedHashMap<>();
    options.forEach(option -> place.apply(option).ifPresent(found -> named.put(option, found)));
    return named;
  }

  private static boolean isSet(Found variable) {
    return !variable.value().isEmpty();
  }

  private Optional<Found> ours(String option) {
    return inEnvironment(variable(option));
  }

  private Optional<Found> originals(String option) {
    return Optional.ofNullable(ORIGINAL.get(option)).flatMap(this::inEnvironment);
  }

  private Optional<Found> inEnvironment(String variable) {
    return Optional.ofNullable(environment.get(variable))
        .map(value -> new Found(value, Source.VARIABLE, variable));
  }

  private Optional<Found> inFile(String option) {
    return file.value(option).map(value -> new Found(value, Source.FILE, file.toString()));
  }
}
