package io.oplog.connector.redis;

import java.io.StringWriter;
import java.util.Base64;
import java.util.Map;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonRegularExpression;
import org.bson.BsonTimestamp;
import org.bson.BsonType;
import org.bson.BsonValue;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * BSON as Meteor's EJSON. What Meteor has no type for, as timestamps, is told as MongoDB's extended
 * JSON tells it, which Meteor's parser leaves as it is; a symbol is a string, and a field that is
 * undefined is left out.
 */
final class Ejson {
  static final JsonFactory JSON =
      JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build();

  /** What Meteor puts before all names of a value of a type of the application, in MongoDB. */
  private static final String IN_MONGODB = "EJSON";

  /** Above, a double has no fraction, and below, it can be told as a long. */
  private static final double MOST_WHOLE = 1L << 53;

  private final JsonGenerator json;

  Ejson(JsonGenerator json) {
    this.json = json;
  }

  static String text(BsonValue value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      new Ejson(json).write(value);
    }
    return text.toString();
  }

  void write(BsonValue value) {
    switch (value.getBsonType()) {
      case STRING -> json.writeString(value.asString().getValue());
      case SYMBOL -> json.writeString(value.asSymbol().getSymbol());
      case BOOLEAN -> json.writeBoolean(value.asBoolean().getValue());
      case INT32 -> json.writeNumber(value.asInt32().getValue());
      case INT64 -> json.writeNumber(value.asInt64().getValue());
      case DOUBLE -> writeDouble(value.asDouble().getValue());
      case NULL, UNDEFINED -> json.writeNull();
      case ARRAY -> writeArray(value.asArray());
      case DOCUMENT -> writeDocument(value.asDocument());
      default -> writeTyped(value);
    }
  }

  private void writeTyped(BsonValue value) {
    switch (value.getBsonType()) {
      case OBJECT_ID -> writeType("oid", value.asObjectId().getValue().toHexString());
      case DECIMAL128 -> writeType("Decimal", value.asDecimal128().getValue().toString());
      case DATE_TIME -> writeOne("$date", value.asDateTime().getValue());
      case BINARY -> writeOne("$binary", base64(value.asBinary().getData()));
      case REGULAR_EXPRESSION -> writeRegularExpression(value.asRegularExpression());
      case TIMESTAMP -> writeTimestamp(value.asTimestamp());
      case JAVASCRIPT -> writeOne("$code", value.asJavaScript().getCode());
      case JAVASCRIPT_WITH_SCOPE -> writeCode(value.asJavaScriptWithScope());
      case MIN_KEY -> writeOne("$minKey", 1);
      case MAX_KEY -> writeOne("$maxKey", 1);
      case DB_POINTER -> writeType("oid", value.asDBPointer().getId().toHexString());
      default -> throw new IllegalArgumentException("no value: " + value.getBsonType());
    }
  }

  private void writeDouble(double value) {
    if (!Double.isFinite(value)) {
      writeOne("$InfNaN", (long) Math.signum(value)); // of NaN 0
    } else if (Math.abs(value) < MOST_WHOLE && value == Math.rint(value)) {
      json.writeNumber((long) value);
    } else {
      json.writeNumber(value);
    }
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private void writeArray(BsonArray array) {
    json.writeStartArray();
    array.forEach(this::write);
    json.writeEndArray();
  }

  private void writeDocument(BsonDocument document) {
    if (isOfTheApplication(document)) {
      writeOfTheApplication(document);
    } else if (looksLikeAType(document)) {
      json.writeStartObject();
      json.writeName("$escape");
      writeObject(document);
      json.writeEndObject();
    } else {
      writeObject(document);
    }
  }

  void writeObject(BsonDocument document) {
    json.writeStartObject();
    document.forEach(this::writeField);
    json.writeEndObject();
  }

  void writeField(String name, BsonValue value) {
    if (value.getBsonType() != BsonType.UNDEFINED) {
      json.writeName(name);
      write(value);
    }
  }

  private static boolean looksLikeAType(BsonDocument document) {
    return switch (document.size()) {
      case 1 -> isTypesName(document.getFirstKey());
      case 2 -> has(document, "$type", "$value") || has(document, "$regexp", "$flags");
      default -> false;
    };
  }

  private static boolean isTypesName(String name) {
    return switch (name) {
      case "$date", "$binary", "$InfNaN", "$escape" -> true;
      default -> false;
    };
  }

  private static boolean has(BsonDocument document, String one, String other) {
    return document.containsKey(one) && document.containsKey(other);
  }

  private static boolean isOfTheApplication(BsonDocument document) {
    return document.size() == 2 && has(document, "EJSON$type", "EJSON$value");
  }

  /** It is JSON already. */
  private void writeOfTheApplication(BsonDocument document) {
    json.writeStartObject();
    for (Map.Entry<String, BsonValue> field : document.entrySet()) {
      String name = field.getKey();
      json.writeName(name.startsWith(IN_MONGODB) ? name.substring(IN_MONGODB.length()) : name);
      writeRenamed(field.getValue());
    }
    json.writeEndObject();
  }

  private void writeRenamed(BsonValue value) {
    switch (value.getBsonType()) {
      case DOCUMENT -> writeOfTheApplication(value.asDocument());
      case ARRAY -> {
        json.writeStartArray();
        value.asArray().forEach(this::writeRenamed);
        json.writeEndArray();
      }
      default -> write(value);
    }
  }

  private void writeOne(String name, String value) {
    json.writeStartObject();
    json.writeStringProperty(name, value);
    json.writeEndObject();
  }

  private void writeOne(String name, long value) {
    json.writeStartObject();
    json.writeNumberProperty(name, value);
    json.writeEndObject();
  }

  private void writeType(String type, String value) {
    json.writeStartObject();
    json.writeStringProperty("$type", type);
    json.writeStringProperty("$value", value);
    json.writeEndObject();
  }

  private void writeRegularExpression(BsonRegularExpression value) {
    json.writeStartObject();
    json.writeStringProperty("$regexp", value.getPattern());
    json.writeStringProperty("$flags", value.getOptions());
    json.writeEndObject();
  }

  private void writeTimestamp(BsonTimestamp value) {
    json.writeStartObject();
    json.writeName("$timestamp");
    json.writeStartObject();
    json.writeNumberProperty("t", Integer.toUnsignedLong(value.getTime()));
    json.writeNumberProperty("i", Integer.toUnsignedLong(value.getInc()));
    json.writeEndObject();
    json.writeEndObject();
  }

  private void writeCode(BsonJavaScriptWithScope value) {
    json.writeStartObject();
    json.writeStringProperty("$code", value.getCode());
    json.writeName("$scope");
    write(value.getScope());
    json.writeEndObject();
  }
}
