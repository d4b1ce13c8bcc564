package io.oplog.connector.document;

import java.util.ArrayList;
import java.util.List;

/**
 * Which namespaces are wanted: the first choice whose pattern matches decides, and none means no.
 */
public record NamespaceFilter(List<Choice> choices) {
  public static final NamespaceFilter ALL =
      new NamespaceFilter(List.of(new Choice(NamespacePattern.parse("*"), true)));

  public NamespaceFilter {
    choices = List.copyOf(choices);
  }

  /**
   * Of some those that are not among others.
   *
   * @param included empty for all
   */
  public static NamespaceFilter of(
      List<NamespacePattern> included, List<NamespacePattern> excluded) {
    List<Choice> choices = new ArrayList<>();
    excluded.forEach(pattern -> choices.add(new Choice(pattern, false)));
    included.forEach(pattern -> choices.add(new Choice(pattern, true)));
    if (included.isEmpty()) {
      choices.addAll(ALL.choices());
    }
    return new NamespaceFilter(choices);
  }

  /** What is done with the namespaces that a pattern matches. */
  public record Choice(NamespacePattern pattern, boolean isWanted) {}

  /** Whether a namespace is wanted; of a whole database, whether any of its collections may be. */
  public boolean wants(Namespace namespace) {
    for (Choice choice : choices) {
      if (choice.pattern().matches(namespace)
          && (choice.isWanted() || isOfAll(choice, namespace))) {
        return choice.isWanted();
      }
    }
    return false;
  }

  /** Of a whole database a choice that leaves out some collections says nothing. */
  private static boolean isOfAll(Choice choice, Namespace namespace) {
    return !namespace.collection().isEmpty() || choice.pattern().isOfDatabases();
  }
}
