package io.oplog.connector.document;

import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.DocumentNeeds.SomeFields;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.protocol.TypeName;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How documents become objects: lines of a pattern and what is done with the collections that it
 * matches. The first line that matches decides; what none matches is left out.
 *
 * <pre>
 * app.sessions  exclude
 * app.users     type=user  parents=org/{orgId},team/{teamIds}  timestamp=updatedAt
 * app.*                                                         # type={collection} id={_id}
 * </pre>
 */
public final class Rules {
  private final List<Line> lines;

  Rules(List<Line> lines) {
    this.lines = List.copyOf(lines);
  }

  /**
   * A line.
   *
   * @param rule null where the collections are left out
   */
  record Line(NamespacePattern pattern, @Nullable Rule rule) {}

  /**
   * Reads rules.
   *
   * @throws RuleException with the line that is wrong
   */
  public static Rules parse(String text) throws RuleException {
    return RuleReader.read(text);
  }

  /** Each collection that a filter lets through is a type of its own. */
  public static Rules of(NamespaceFilter filter) {
    return new Rules(
        filter.choices().stream()
            .map(choice -> new Line(choice.pattern(), choice.isWanted() ? Rule.USUAL : null))
            .toList());
  }

  /** The rule for a collection; empty when it is left out. */
  Optional<Rule> of(Namespace namespace) {
    for (Line line : lines) {
      if (line.pattern().matches(namespace)) {
        return Optional.ofNullable(line.rule());
      }
    }
    return Optional.empty();
  }

  /** Whether they have a rule for what is gone. */
  boolean concerns(DocumentChange.Gone gone) {
    return needs().namespaces().wants(gone.namespace());
  }

  /** What of a database's changes they need. */
  public DocumentNeeds needs() {
    List<Choice> choices =
        lines.stream().map(line -> new Choice(line.pattern(), line.rule() != null)).toList();
    boolean before =
        lines.stream().map(Line::rule).anyMatch(rule -> rule != null && rule.readsBefore());
    return new DocumentNeeds(new NamespaceFilter(choices), this::fields, before);
  }

  private Fields fields(Namespace namespace) {
    Set<String> paths = of(namespace).map(Rule::paths).orElse(Set.of());
    return paths.isEmpty() ? new NoFields() : new SomeFields(paths);
  }

  /** All types that they can make, in lower case; empty where that depends on the documents. */
  public Set<String> types() {
    Set<String> types = new HashSet<>();
    for (Line line : lines) {
      Rule rule = line.rule();
      if (rule != null && !rule.type().isConstant()) {
        return Set.of();
      }
      if (rule != null) {
        types.add(TypeName.lowerCase(rule.type().toString()));
      }
    }
    return types;
  }
}
