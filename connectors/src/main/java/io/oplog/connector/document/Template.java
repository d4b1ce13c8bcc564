package io.oplog.connector.document;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * A text with places for what a document has, as in {@code user/{ownerId}}: a path with dots in
 * braces, or {@code {database}} and {@code {collection}}. A list makes a text of each of its
 * values; a document that lacks a field makes none.
 */
final class Template {
  private static final String DATABASE = "database";
  private static final String COLLECTION = "collection";

  private sealed interface Part {}

  private record Literal(String text) implements Part {}

  private record Field(String path) implements Part {}

  private final List<Part> parts = new ArrayList<>();

  private Template() {}

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException when it is empty, or braces do not match
   */
  static Template parse(String text) {
    Template template = new Template();
    int at = 0;
    while (at < text.length()) {
      int open = text.indexOf('{', at);
      int end = open < 0 ? text.length() : open;
      template.literal(text, text.substring(at, end));
      at = open < 0 ? end : template.field(text, open);
    }
    if (template.parts.isEmpty()) {
      throw new IllegalArgumentException("a template is empty");
    }
    return template;
  }

  private void literal(String whole, String text) {
    if (text.indexOf('}') >= 0) {
      throw new IllegalArgumentException("'" + whole + "' has a } without a {");
    }
    if (!text.isEmpty()) {
      parts.add(new Literal(text));
    }
  }

  private int field(String whole, int open) {
    int close = whole.indexOf('}', open);
    String path = close < 0 ? "" : whole.substring(open + 1, close);
    if (path.isEmpty() || path.indexOf('{') >= 0) {
      throw new IllegalArgumentException(
          "'" + whole + "' has a { without a field and a } after it");
    }
    parts.add(new Field(path));
    return close + 1;
  }

  /** The paths of documents that it has places for. */
  Set<String> paths() {
    Set<String> paths = new LinkedHashSet<>();
    for (Part part : parts) {
      if (part instanceof Field field && !isOfNamespace(field.path())) {
        paths.add(field.path());
      }
    }
    return paths;
  }

  /** As it was written. */
  @Override
  public String toString() {
    return parts.stream()
        .map(part ->
            part instanceof Field field ? "{" + field.path() + "}" : ((Literal) part).text())
        .collect(Collectors.joining());
  }

  /** Whether it makes the same text of everything. */
  boolean isConstant() {
    return parts.stream().allMatch(Literal.class::isInstance);
  }

  private static boolean isOfNamespace(String path) {
    return path.equals(DATABASE) || path.equals(COLLECTION);
  }

  /**
   * The texts for a document.
   *
   * @param document null for one of which only the id is known
   */
  Set<String> texts(Namespace namespace, BsonValue id, @Nullable BsonDocument document) {
    Set<String> texts = Set.of("");
    for (Part part : parts) {
      List<String> values = values(part, namespace, id, document);
      Set<String> longer = new LinkedHashSet<>();
      texts.forEach(text -> values.forEach(value -> longer.add(text + value)));
      texts = longer;
    }
    return texts;
  }

  private static List<String> values(
      Part part, Namespace namespace, BsonValue id, @Nullable BsonDocument document) {
    return switch (part) {
      case Literal literal -> List.of(literal.text());
      case Field(String path) when path.equals(DATABASE) -> List.of(namespace.database());
      case Field(String path) when path.equals(COLLECTION) -> List.of(namespace.collection());
      case Field(String path) when path.equals("_id") -> List.of(ValueText.of(id));
      case Field(String path) -> document == null ? List.of() : ValueText.of(document, path);
    };
  }
}
