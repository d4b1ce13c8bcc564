package io.oplog.server.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option that is not among the flags takes its value from: {@code OPLOG_…}, then the
 * original's {@code OPLOGD_…}, then the file, then what the option itself says. Immutable.
 */
public final class ConfigDefaults implements IDefaultValueProvider {
  /** Options that the original daemon had, whose variables are still understood. */
  private static final Set<String> ORIGINAL =
      Set.of("listen", "password", "ingest-password", "object-url", "max-queued-events");

  private final Map<String, String> environment;
  private final ConfigFile file;

  public ConfigDefaults(Map<String, String> environment, ConfigFile file) {
    this.environment = Map.copyOf(environment);
    this.file = file;
  }

  /**
   * A value and its place.
   *
   * @param origin the name of the variable, or of the file
   */
  public record Found(String value, String origin) {}

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
    for (String variable : variables(option)) {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        return Optional.of(new Found(value, variable));
      }
    }
    return file.value(option).map(value -> new Found(value, file.toString()));
  }

  private static List<String> variables(String option) {
    String ours = variable(option);
    return ORIGINAL.contains(option)
        ? List.of(ours, ours.replaceFirst("^OPLOG_", "OPLOGD_"))
        : List.of(ours);
  }
}
