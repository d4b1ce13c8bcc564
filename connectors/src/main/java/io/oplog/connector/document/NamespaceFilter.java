package io.oplog.connector.document;

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

  /** What is done with the namespaces that a pattern matches. */
  public record Choice(NamespacePattern pattern, boolean isWanted) {}

  /** Whether a namespace is wanted; of a whole database, whether any of its collections may be. */
  public boolean wants(Namespace namespace) {
    if (namespace.collection().isEmpty()) {
      return choices.stream()
          .anyMatch(choice -> choice.isWanted() && choice.pattern().matches(namespace));
    }
    for (Choice choice : choices) {
      if (choice.pattern().matches(namespace)) {
        return choice.isWanted();
      }
    }
    return false;
  }
}
