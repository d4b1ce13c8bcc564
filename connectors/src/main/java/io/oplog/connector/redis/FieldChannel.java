package io.oplog.connector.redis;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.connector.document.ValueText;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Another channel for the changes of a collection, for each value of a field: {@code
 * app.roomId::42::messages} is where subscribers hear who gave redis-oplog the namespace {@code
 * roomId::42}.
 *
 * @param field a path with dots between names
 */
public record FieldChannel(NamespacePattern collections, String field) {

  /**
   * Reads {@code app.messages=roomId}.
   *
   * @throws IllegalArgumentException when it is not like that
   */
  public static FieldChannel parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0 || equals == text.length() - 1) {
      throw new IllegalArgumentException(
          "'" + text + "' is not like DATABASE.COLLECTION=FIELD, as in app.messages=roomId");
    }
    return new FieldChannel(
        NamespacePattern.parse(text.substring(0, equals)), text.substring(equals + 1));
  }

  boolean concerns(Namespace namespace) {
    return collections.matches(namespace);
  }

  /** The channels for what the field is, and for what it was, as far as that is known. */
  List<String> of(Document change, String prefix) {
    List<String> channels = new ArrayList<>();
    add(change.document(), change.namespace(), prefix, channels);
    add(change.before(), change.namespace(), prefix, channels);
    return channels;
  }

  private void add(
      @Nullable BsonDocument document, Namespace of, String prefix, List<String> channels) {
    if (document == null) {
      return;
    }
    for (String value : ValueText.of(document, field)) {
      channels.add(prefix + of.database() + "." + field + "::" + value + "::" + of.collection());
    }
  }
}
