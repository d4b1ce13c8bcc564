package io.oplog.connector.mongodb;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.Test;

final class DocumentIdTest {
  @Test
  void holdsNothingOfWhatItIsAPartOf() {
    String large = "x".repeat(10_000);
    RawBsonDocument key = RawBsonDocument.parse("{_id: {a: 1, b: {c: 2}}, x: '" + large + "'}");
    RawBsonDocument id = (RawBsonDocument) requireNonNull(DocumentId.in(key));
    assertThat(id).isEqualTo(BsonDocument.parse("{a: 1, b: {c: 2}}"));
    assertThat(id.getByteBuffer().array()).hasSizeLessThan(100);
  }

  @Test
  void isAsItIsOrNotThere() {
    assertThat(DocumentId.in(RawBsonDocument.parse("{_id: 1}"))).isEqualTo(new BsonInt32(1));
    assertThat(DocumentId.in(RawBsonDocument.parse("{a: 1}"))).isNull();
  }
}
