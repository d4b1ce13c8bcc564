package io.oplog.server.command;

import java.util.Collection;
import java.util.stream.Collectors;

/**
 * A change of a document that was made, as Redis is to be told of it.
 *
 * @param namespace as in {@code app.users}
 * @param letter i, u or r
 * @param fields at the top that changed
 */
record WrittenChange(String namespace, DocumentId id, char letter, Collection<String> fields) {

  /** The channel of the document. */
  String channel() {
    return namespace + "::" + id.channel();
  }

  /** With the fields in the order of their names. */
  String body() {
    String names =
        fields.stream().sorted().map(name -> "\"" + name + "\"").collect(Collectors.joining(","));
    return "{\"e\":\"" + letter + "\",\"d\":{\"_id\":" + id.json() + "},\"f\":[" + names + "]}";
  }
}
