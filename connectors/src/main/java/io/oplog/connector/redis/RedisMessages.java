package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.Paths;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Changes as redis-oplog reads them: one body on the channel of the collection, that of the
 * document, and those of its fields. Not thread-safe.
 */
final class RedisMessages {
  private static final String ID = "_id";

  private final RedisOptions options;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);

  RedisMessages(RedisOptions options) {
    this.options = options;
  }

  /** Takes a message. */
  interface Taker {
    /**
     * A message.
     *
     * @param collection its channel
     * @param others the document's channel, and those of its fields
     */
    void take(byte[] collection, Collection<byte[]> others, byte[] body);
  }

  /**
   * Tells the message of a change. There is none of a document that is wanted and is no more: its
   * fields would be taken for empty, and its removal follows.
   */
  void tell(Document change, Taker taker) {
    boolean isWhole = change.kind() != Kind.DELETE && options.documents().test(change.namespace());
    if (isWhole && change.document() == null) {
      return;
    }
    String channel = channel(change.namespace());
    taker.take(channel.getBytes(UTF_8), others(change, channel), body(change, isWhole));
  }

  private List<byte[]> others(Document change, String channel) {
    byte[] single = (channel + "::" + IdText.of(change.id())).getBytes(UTF_8);
    if (options.fieldChannels().isEmpty()) {
      return List.of(single);
    }
    List<byte[]> others = new ArrayList<>(List.of(single));
    options.fieldChannels().stream()
        .filter(one -> one.concerns(change.namespace()))
        .flatMap(one -> one.of(change, options.prefix()).stream())
        .distinct()
        .forEach(one -> others.add(one.getBytes(UTF_8)));
    return others;
  }

  /** Of a collection. */
  String channel(Namespace namespace) {
    return options.prefix() + namespace;
  }

  private byte[] body(Document change, boolean isWhole) {
    bytes.reset();
    try (JsonGenerator json =
        Ejson.JSON.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeStringProperty("e", letter(change.kind()));
      json.writeName("d");
      writeDocument(new Ejson(json), json, change, isWhole);
      json.writeName("f");
      json.writeStartArray();
      writeFields(json, change);
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /** To a subscriber a replacement is an update of all fields. */
  private static String letter(Kind kind) {
    return switch (kind) {
      case INSERT -> "i";
      case UPDATE, REPLACE -> "u";
      case DELETE -> "r";
    };
  }

  private static void writeDocument(
      Ejson ejson, JsonGenerator json, Document change, boolean isWhole) {
    json.writeStartObject();
    json.writeName(ID);
    ejson.write(change.id());
    BsonDocument document = change.document();
    if (isWhole && document != null) {
      document.forEach((name, value) -> writeField(ejson, name, value));
    }
    json.writeEndObject();
  }

  private static void writeField(Ejson ejson, String name, BsonValue value) {
    if (!name.equals(ID)) {
      ejson.writeField(name, value);
    }
  }

  private void writeFields(JsonGenerator json, Document change) {
    switch (change.kind()) {
      case INSERT, REPLACE -> writeNames(json, change.document());
      case UPDATE -> writeChanged(json, change.fields());
      case DELETE -> {}
    }
  }

  private static void writeNames(JsonGenerator json, @Nullable BsonDocument document) {
    json.writeString(ID);
    if (document != null) {
      for (String name : document.keySet()) {
        if (!name.equals(ID)) {
          json.writeString(name);
        }
      }
    }
  }

  private void writeChanged(JsonGenerator json, List<String> paths) {
    if (options.dotted()) {
      paths.forEach(json::writeString);
      return;
    }
    Set<String> told = HashSet.newHashSet(paths.size());
    for (String path : paths) {
      String name = Paths.top(path);
      if (told.add(name)) {
        json.writeString(name);
      }
    }
  }
}
