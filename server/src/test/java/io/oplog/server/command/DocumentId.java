package io.oplog.server.command;

import org.bson.BsonInt32;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.bson.types.ObjectId;

/**
 * An {@code _id}, and how others write it.
 *
 * @param text as the id of an object in oplog
 * @param channel at the end of its channel in Redis
 * @param json in EJSON
 */
record DocumentId(BsonValue value, String text, String channel, String json) {
  private static final int KINDS = 6;

  /** One of each kind in turn; another for each number. */
  static DocumentId of(int number) {
    return switch (number % KINDS) {
      case 0 -> objectId(new ObjectId(number, number));
      case 1 -> number(number);
      case 2 -> string("{" + number, "-{" + number);
      case 3 -> string("~" + number, "-~" + number);
      case 4 -> string(String.format("%024x", number), String.format("-%024x", number));
      default -> string("ü$:" + number, "ü$:" + number);
    };
  }

  private static DocumentId objectId(ObjectId id) {
    String hex = id.toHexString();
    return new DocumentId(
        new BsonObjectId(id), hex, hex, "{\"$type\":\"oid\",\"$value\":\"" + hex + "\"}");
  }

  private static DocumentId number(int number) {
    String text = Integer.toString(number);
    return new DocumentId(new BsonInt32(number), text, "~" + text, text);
  }

  private static DocumentId string(String text, String channel) {
    return new DocumentId(new BsonString(text), text, channel, "\"" + text + "\"");
  }
}
