package io.oplog.server.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;

/** Documents with values of all kinds that Meteor knows, and some that look like others. */
final class RandomDocuments {
  private static final List<String> STATES = List.of("open", "closed", "new");
  private static final List<String> CITIES = List.of("Oslo", "Rome", "Kyiv");
  private static final List<Object> TAGS = List.of("red", "blue", "green", 3, 4);
  private static final int RANKS = 50;
  private static final long MOST_EXACT = (1L << 53) - 1;

  private final Random random;

  RandomDocuments(Random random) {
    this.random = random;
  }

  /** A document without an {@code _id}. */
  Document document() {
    Document document = new Document();
    if (random.nextInt(5) > 0) {
      document.append("state", state());
    }
    document.append("rank", rank());
    if (random.nextInt(5) > 0) {
      document.append("place", place());
    }
    if (random.nextBoolean()) {
      document.append("tags", tags());
    }
    return document.append("note", random.nextBoolean() ? value() : lookalike());
  }

  String state() {
    return one(STATES);
  }

  int rank() {
    return random.nextInt(RANKS);
  }

  Document place() {
    Document place = new Document("city", city());
    return random.nextBoolean() ? place.append("rank", rank()) : place;
  }

  String city() {
    return one(CITIES);
  }

  List<Object> tags() {
    return new ArrayList<>(IntStream.range(0, random.nextInt(4)).mapToObj(_ -> tag()).toList());
  }

  Object tag() {
    return one(TAGS);
  }

  /** A value of a type that JSON lacks, or of an awkward one. */
  Object value() {
    return switch (random.nextInt(16)) {
      case 0 -> Instant.ofEpochMilli(random.nextLong(-1L << 41, 1L << 41));
      case 1 -> new Binary(bytes());
      case 2 -> Double.NaN;
      case 3 -> Double.POSITIVE_INFINITY;
      case 4 -> Double.NEGATIVE_INFINITY;
      case 5 -> Decimal128.parse("12.3400");
      case 6 -> Pattern.compile("^a/b\\d", Pattern.CASE_INSENSITIVE);
      case 7 -> new ObjectId(random.nextInt(), random.nextInt(1 << 24));
      case 8 -> random.nextDouble() * Math.pow(10, random.nextInt(-30, 30));
      case 9 -> random.nextLong(-MOST_EXACT, MOST_EXACT);
      case 10 -> -0.0;
      case 11 -> "line\nquote\" back\\ \u2028 \u0000 \ud834\udd1e";
      case 12 -> List.of(value(), List.of(value()));
      case 13 -> new Document("in", value()).append("", 1);
      case 14 -> new Document();
      default -> random.nextBoolean();
    };
  }

  /** An object that looks like a value of another type, or one of the application's. */
  private Object lookalike() {
    return switch (random.nextInt(9)) {
      case 0 -> new Document("$date", 5);
      case 1 -> new Document("$binary", "AQID");
      case 2 -> new Document("$InfNaN", 1);
      case 3 -> new Document("$type", "oid").append("$value", "no hex");
      case 4 -> new Document("$escape", new Document("$date", Instant.ofEpochMilli(7)));
      case 5 -> new Document("$regexp", "a").append("$flags", "i");
      case 6 -> new Document("$date", 5).append("more", value());
      case 7 -> new Document("deep", List.of(new Document("$date", value())));
      default ->
          new Document("EJSON$type", "Point")
              .append("EJSON$value", new Document("x", rank()).append("y", 1.5));
    };
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(5)];
    random.nextBytes(bytes);
    return bytes;
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }
}
