package io.oplog.server.command;

import io.oplog.server.config.ConfigDefaults;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Variables with our prefix that nothing reads: most often a misspelt option. */
final class UnknownVariables {
  /** Read by the launcher, or before the options are. */
  private static final Set<String> OTHERS =
      Set.of("OPLOG_CONFIG", "OPLOG_JAR", "OPLOG_JAVA_HOME", "OPLOG_JAVA_OPTS");

  /** What Kubernetes sets in containers where there is a service named oplog. */
  private static final Pattern SERVICE =
      Pattern.compile("OPLOG_(SERVICE_(HOST|PORT)(_.*)?|PORT(_\\d+_.*)?)");

  private UnknownVariables() {}

  /**
   * A warning for each.
   *
   * @param options without dashes
   */
  static List<String> warnings(Map<String, String> environment, Set<String> options) {
    Set<String> known = options.stream().map(ConfigDefaults::variable).collect(Collectors.toSet());
    return environment.keySet().stream()
        .filter(name -> name.startsWith("OPLOG_") && !known.contains(name))
        .filter(name -> !OTHERS.contains(name) && !SERVICE.matcher(name).matches())
        .sorted()
        .map(name -> warning(name, known))
        .toList();
  }

  private static String warning(String name, Set<String> known) {
    String meant = Nearest.of(name, known).map(other -> "; did you mean " + other + "?").orElse("");
    return "there is no option for the variable " + name + meant;
  }
}
