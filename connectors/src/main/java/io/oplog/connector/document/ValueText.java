package io.oplog.connector.document;

import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonBinarySubType;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.codecs.BsonDocumentCodec;
import org.bson.codecs.EncoderContext;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriter;
import org.bson.json.JsonWriterSettings;

/**
 * A value of a document as the text of an id: a string is itself, an ObjectId its hex digits, a
 * whole number its digits, a UUID as usual; everything else is relaxed Extended JSON.
 */
public final class ValueText {
  private static final JsonWriterSettings RELAXED =
      JsonWriterSettings.builder().outputMode(JsonMode.RELAXED).build();

  /** A writer of JSON takes documents alone. */
  private static final String FIELD = "v";

  private ValueText() {}

  /**
   * What stands under a path: of a list all of it, and nothing of what is null or an empty text.
   *
   * @param path with dots between names, as MongoDB reads it
   */
  public static List<String> of(BsonDocument document, String path) {
    return Paths.values(document, path).stream()
        .flatMap(value -> value instanceof BsonArray list ? list.stream() : Stream.of(value))
        .filter(value -> !(value instanceof BsonNull))
        .map(ValueText::of)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  static String of(BsonValue value) {
    return switch (value) {
      case BsonString text -> text.getValue();
      case BsonObjectId id -> id.getValue().toHexString();
      case BsonInt32 number -> Integer.toString(number.getValue());
      case BsonInt64 number -> Long.toString(number.getValue());
      case BsonBinary binary when binary.getType() == BsonBinarySubType.UUID_STANDARD.getValue() ->
          binary.asUuid().toString();
      default -> json(value);
    };
  }

  private static String json(BsonValue value) {
    StringWriter text = new StringWriter();
    new BsonDocumentCodec()
        .encode(
            new JsonWriter(text, RELAXED),
            new BsonDocument(FIELD, value),
            EncoderContext.builder().build());
    String whole = text.toString();
    return whole.substring(whole.indexOf(':') + 1, whole.length() - 1).strip();
  }
}
