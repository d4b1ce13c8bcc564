package io.oplog.connector.redis;

import static io.oplog.connector.redis.Changes.extended;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonBinary;
import org.bson.BsonDbPointer;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonSymbol;
import org.bson.BsonUndefined;
import org.bson.BsonValue;
import org.bson.types.ObjectId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EjsonTest {
  private static final String HEX = "5f2b8c0a9d3e4f1a2b3c4d5e";

  @ParameterizedTest
  @MethodSource({"plain", "typed", "likeTypes"})
  void aValueIsToldAsMeteorDoes(BsonValue value, String expected) {
    assertThat(Ejson.text(value)).isEqualTo(expected);
  }

  static Stream<Arguments> plain() {
    return Stream.of(
        arguments(new BsonString("a \"$\" \n Ünï😀"), "\"a \\\"$\\\" \\n Ünï😀\""),
        arguments(new BsonSymbol("s"), "\"s\""),
        arguments(extended("true"), "true"),
        arguments(extended("null"), "null"),
        arguments(new BsonInt32(-7), "-7"),
        arguments(new BsonInt64(Long.MAX_VALUE), "9223372036854775807"),
        arguments(new BsonDouble(3), "3"),
        arguments(new BsonDouble(-0.0), "0"),
        arguments(new BsonDouble(0.1), "0.1"),
        arguments(new BsonDouble(1e300), "1.0E300"),
        arguments(new BsonUndefined(), "null"),
        arguments(new BsonArray(List.of(new BsonUndefined(), new BsonInt32(1))), "[null,1]"),
        arguments(
            new BsonDocument("u", new BsonUndefined()).append("a", new BsonInt32(1)), "{\"a\":1}"),
        arguments(extended("{b: {}, a: [[], {c: 1}]}"), "{\"b\":{},\"a\":[[],{\"c\":1}]}"));
  }

  static Stream<Arguments> typed() {
    return Stream.of(
        arguments(
            extended("{$oid: '" + HEX + "'}"), "{\"$type\":\"oid\",\"$value\":\"" + HEX + "\"}"),
        arguments(
            extended("{$numberDecimal: '1.50'}"), "{\"$type\":\"Decimal\",\"$value\":\"1.50\"}"),
        arguments(extended("{$date: {$numberLong: '-1'}}"), "{\"$date\":-1}"),
        arguments(new BsonBinary(new byte[] {-1, -2, 0, 1}), "{\"$binary\":\"//4AAQ==\"}"),
        arguments(new BsonDouble(Double.NaN), "{\"$InfNaN\":0}"),
        arguments(new BsonDouble(Double.POSITIVE_INFINITY), "{\"$InfNaN\":1}"),
        arguments(new BsonDouble(Double.NEGATIVE_INFINITY), "{\"$InfNaN\":-1}"),
        arguments(
            extended("{$regularExpression: {pattern: 'a/b', options: 'im'}}"),
            "{\"$regexp\":\"a/b\",\"$flags\":\"im\"}"),
        arguments(
            extended("{$timestamp: {t: 4294967295, i: 2}}"),
            "{\"$timestamp\":{\"t\":4294967295,\"i\":2}}"),
        arguments(extended("{$code: 'f()'}"), "{\"$code\":\"f()\"}"),
        arguments(
            extended("{$code: 'f()', $scope: {a: 1}}"), "{\"$code\":\"f()\",\"$scope\":{\"a\":1}}"),
        arguments(extended("{$minKey: 1}"), "{\"$minKey\":1}"),
        arguments(extended("{$maxKey: 1}"), "{\"$maxKey\":1}"),
        arguments(
            new BsonDbPointer("app.users", new ObjectId(HEX)),
            "{\"$type\":\"oid\",\"$value\":\"" + HEX + "\"}"));
  }

  static Stream<Arguments> likeTypes() {
    BsonInt32 one = new BsonInt32(1);
    return Stream.of(
        arguments(new BsonDocument("$date", one), "{\"$escape\":{\"$date\":1}}"),
        arguments(new BsonDocument("$binary", one), "{\"$escape\":{\"$binary\":1}}"),
        arguments(new BsonDocument("$InfNaN", one), "{\"$escape\":{\"$InfNaN\":1}}"),
        arguments(
            new BsonDocument("$escape", new BsonDocument("$date", one)),
            "{\"$escape\":{\"$escape\":{\"$escape\":{\"$date\":1}}}}"),
        arguments(
            new BsonDocument("$type", one).append("$value", one),
            "{\"$escape\":{\"$type\":1,\"$value\":1}}"),
        arguments(
            new BsonDocument("$flags", one).append("$regexp", one),
            "{\"$escape\":{\"$flags\":1,\"$regexp\":1}}"),
        arguments(new BsonDocument("$type", one), "{\"$type\":1}"),
        arguments(new BsonDocument("$date", one).append("a", one), "{\"$date\":1,\"a\":1}"),
        arguments(
            extended("{EJSON$type: 'Money', EJSON$value: {EJSONunits: [{EJSONa: 1}]}}"),
            "{\"$type\":\"Money\",\"$value\":{\"units\":[{\"a\":1}]}}"));
  }
}
