package io.oplog.connector.document;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@link Rules}: a line for each, {@code #} before comments. */
final class RuleReader {
  private static final String EXCLUDE = "exclude";

  private final List<Rules.Line> lines = new ArrayList<>();

  /**
   * Reads the text of a file.
   *
   * @throws RuleException at the first line that is wrong
   */
  static Rules read(String text) throws RuleException {
    RuleReader reader = new RuleReader();
    int number = 0;
    for (String line : text.split("\\R", -1)) {
      reader.line(++number, line);
    }
    if (reader.lines.isEmpty()) {
      throw new RuleException(number, "there is no rule, so nothing would be captured");
    }
    return new Rules(reader.lines);
  }

  private void line(int number, String line) throws RuleException {
    String content = line.replaceFirst("(^|\\s)#.*", "").strip();
    if (content.isEmpty()) {
      return;
    }
    try {
      lines.add(parsed(content.split("\\s+")));
    } catch (IllegalArgumentException e) {
      throw new RuleException(number, String.valueOf(e.getMessage()));
    }
  }

  private static Rules.Line parsed(String[] words) {
    NamespacePattern pattern = NamespacePattern.parse(words[0]);
    if (words.length == 2 && words[1].equals(EXCLUDE)) {
      return new Rules.Line(pattern, null);
    }
    Options options = new Options();
    for (int i = 1; i < words.length; i++) {
      options.take(words[i]);
    }
    return new Rules.Line(pattern, options.rule());
  }

  /** The words after a pattern. */
  private static final class Options {
    private final Set<String> given = new HashSet<>();
    private final List<Template> parents = new ArrayList<>();
    private Template type = Rule.USUAL.type();
    private Template id = Rule.USUAL.id();
    private @Nullable String timestamp;

    void take(String word) {
      int equals = word.indexOf('=');
      if (equals < 1 || equals == word.length() - 1) {
        throw new IllegalArgumentException(
            "'" + word + "' is neither 'exclude' alone nor like type=user");
      }
      String name = word.substring(0, equals);
      if (!given.add(name)) {
        throw new IllegalArgumentException(name + " is given twice");
      }
      take(name, word.substring(equals + 1));
    }

    private void take(String name, String value) {
      switch (name) {
        case "type" -> type = type(value);
        case "id" -> id = Template.parse(value);
        case "parents" -> addParents(value);
        case "timestamp" -> timestamp = value;
        default ->
            throw new IllegalArgumentException(
                "there is no '" + name + "': type, id, parents or timestamp are");
      }
    }

    private static Template type(String value) {
      if (value.matches(".*[/,\\p{Cntrl}].*")) {
        throw new IllegalArgumentException("a type is without / and , : type=" + value);
      }
      return Template.parse(value);
    }

    private void addParents(String value) {
      for (String parent : value.split(",", -1)) {
        parents.add(Template.parse(parent));
      }
    }

    Rule rule() {
      return new Rule(type, id, parents, timestamp);
    }
  }
}
