package io.oplog.connector.redis;

import static io.oplog.connector.redis.Changes.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.stream.Stream;
import org.bson.BsonBinary;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class IdTextTest {
  private static final String HEX = "5f2b8c0a9d3e4f1a2b3c4d5e";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|''",
        "a|a",
        "a$b::c d|a$b::c d",
        "ключ😀|ключ😀",
        "-a|--a",
        "~1|-~1",
        "{}|-{}",
        "a-b|a-b",
        HEX + "|-" + HEX,
        HEX + "0|" + HEX + "0",
        "5F2b8c0a9d3e4f1a2b3c4d5e|5F2b8c0a9d3e4f1a2b3c4d5e",
        "5g2b8c0a9d3e4f1a2b3c4d5e|5g2b8c0a9d3e4f1a2b3c4d5e"
      })
  void aStringIsItselfUnlessItLooksLikeAnotherId(String id, String expected) {
    assertThat(IdText.of(new BsonString(id))).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("others")
  void anyOtherIdIsMarked(BsonValue id, String expected) {
    assertThat(IdText.of(id)).isEqualTo(expected);
  }

  static Stream<Arguments> others() {
    return Stream.of(
        arguments(extended("{$oid: '" + HEX + "'}"), HEX),
        arguments(new BsonInt32(-5), "~-5"),
        arguments(new BsonInt64(1L << 53), "~9007199254740992"),
        arguments(new BsonInt64((1L << 53) + 1), "~9007199254740992"),
        arguments(new BsonInt64(Long.MAX_VALUE), "~9223372036854775807".replace("5807", "6000")),
        arguments(extended("true"), "~true"),
        arguments(extended("null"), "~null"),
        arguments(new BsonUndefined(), "-"),
        arguments(new BsonDateTime(5), "~{\"$date\":5}"),
        arguments(new BsonBinary(new byte[] {1}), "~{\"$binary\":\"AQ==\"}"),
        arguments(BsonDocument.parse("{a: 1, b: 'x'}"), "~{\"a\":1,\"b\":\"x\"}"));
  }

  @ParameterizedTest
  @CsvSource({
    "1.0, 1",
    "-0.0, 0",
    "1.5, 1.5",
    "-100.0, -100",
    "0.000001, 0.000001",
    "0.0000001, 1e-7",
    "0.00000123, 0.00000123",
    "1.23E-7, 1.23e-7",
    "123456789012345680000.0, 123456789012345680000",
    "1E21, 1e+21",
    "-1.25E300, -1.25e+300",
    "NaN, null",
    "Infinity, null"
  })
  void aNumberIsWrittenAsJavaScriptDoes(double number, String expected) {
    assertThat(IdText.of(new BsonDouble(number))).isEqualTo("~" + expected);
  }
}
