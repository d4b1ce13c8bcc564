package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OperationJsonTest {
  private final Inputs inputs = Inputs.withDefaults();

  private Operation one(String json) throws InvalidOperationException {
    List<Operation> read = inputs.json(json);
    assertThat(read).hasSize(1);
    return read.get(0);
  }

  private void assertRefused(String json, String message) {
    assertThatThrownBy(() -> inputs.json(json))
        .isInstanceOf(InvalidOperationException.class)
        .hasMessage(message);
  }

  @Test
  void theExampleOfTheProtocolIsRead() throws Exception {
    Operation operation =
        one(
            "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"xk32jd\","
                + "\"parents\":[\"video/xk32jd\",\"user/xkjdi\"],"
                + "\"timestamp\":\"2014-11-06T03:04:39.041-08:00\"}");
    assertThat(operation)
        .isEqualTo(
            new Operation(
                OperationKind.INSERT,
                "video",
                "xk32jd",
                List.of("video/xk32jd", "user/xkjdi"),
                Inputs.RECEIPT));
  }

  @Test
  void keysMatchInAnyCase() throws Exception {
    Operation operation =
        one(
            "{\"EVENT\":\"delete\",\"Type\":\"a\",\"iD\":\"B\",\"PARENTS\":[\"C\"],"
                + "\"TimeStamp\":\"1970-01-01T00:00:00.001Z\"}");
    assertThat(operation).isEqualTo(new Operation(OperationKind.DELETE, "a", "B", List.of("C"), 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ıd", "İD", "ıd"})
  void onlyAsciiLettersHaveTwoCases(String key) {
    assertRefused(
        "{\"event\":\"delete\",\"type\":\"a\",\"" + key + "\":\"x\"}", "body: id is missing");
  }

  @ParameterizedTest
  @CsvSource({"insert,INSERT", "UPDATE,UPDATE", "Delete,DELETE"})
  void eventsMatchInAnyCase(String event, OperationKind kind) throws Exception {
    String json = "{\"event\":\"" + event + "\",\"type\":\"t\",\"id\":\"i\"}";
    assertThat(one(json).kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "", "deleted", " insert", "ınsert", "null"})
  void otherEventsAreRefused(String event) {
    assertThatThrownBy(
            () -> inputs.json("{\"event\":\"" + event + "\",\"type\":\"t\",\"id\":\"i\"}"))
        .hasMessageContaining("event must ");
  }

  @Test
  void theTypeIsLowerCasedAndTheIdIsNot() throws Exception {
    Operation operation = one("{\"event\":\"insert\",\"type\":\"VidÉo\",\"id\":\"Xk\"}");
    assertThat(operation.type()).isEqualTo("vidéo");
    assertThat(operation.id()).isEqualTo("Xk");
  }

  /** As Go's ToLower, by code point: neither a final sigma nor a dot left over. */
  @Test
  void eachCodePointOfTheTypeIsLowerCasedByItself() throws Exception {
    assertThat(one("{\"event\":\"insert\",\"type\":\"ΑΣ İ 𐐀\",\"id\":\"i\"}").type())
        .isEqualTo("ασ i 𐐨");
  }

  @Test
  void aLongTypeOfSigmasOrDottedIsIsRefusedAsFastAsOthers() {
    for (String letter : List.of("Σ", "İ")) {
      String type = letter.repeat(100_000);
      assertTimeoutPreemptively(
          Duration.ofSeconds(5),
          () ->
              assertThatThrownBy(() ->
                      inputs.json("{\"event\":\"insert\",\"type\":\"" + type + "\",\"id\":\"i\"}"))
                  .hasMessageContaining("type"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "a,b", "a\\nb", "a\\u0000", "\\u007f", "\\u0085", "/"})
  void aTypeWithSeparatorsOrControlCharactersIsRefused(String type) {
    assertThatThrownBy(
            () -> inputs.json("{\"event\":\"insert\",\"type\":\"" + type + "\",\"id\":\"i\"}"))
        .hasMessageStartingWith("body: type must have no '/', no ',' and no control character: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "type", "id", "parents", "timestamp"})
  void aKnownKeyGivenTwiceIsRefusedInAnyCase(String key) {
    String value = key.equals("parents") ? "[]" : "\"insert\"";
    if (key.equals("timestamp")) {
      value = "null";
    }
    String twice = "{\"" + key + "\":" + value + ",\"" + key.toUpperCase(Locale.ROOT);
    assertRefused(twice + "\":" + value + "}", "body: " + key + " is given twice");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "1e999999",
        "[[[[]]]]",
        "{\"id\":\"other\",\"parents\":3,\"x\":{}}",
        "\"\\ud800\"",
        "true",
        "-0.0"
      })
  void unknownKeysAreIgnoredWhateverTheyHold(String value) throws Exception {
    String json = Inputs.operationWith("\"x\":" + value + ",\"x\":" + value + ",\"ref\":" + value);
    assertThat(one(json).id()).isEqualTo("x1");
  }

  @Test
  void aNumberOfAnyLengthIsIgnoredUnderAnUnknownKey() throws Exception {
    assertThat(one(Inputs.operationWith("\"n\":" + "9".repeat(20_000))).id()).isEqualTo("x1");
  }

  @Test
  void parentsAndTimestampAreOptionalAndMayBeNull() throws Exception {
    Operation expected =
        new Operation(OperationKind.INSERT, "video", "x1", List.of(), Inputs.RECEIPT);
    assertThat(one(Inputs.operation("x1"))).isEqualTo(expected);
    assertThat(one(Inputs.operationWith("\"parents\":null,\"timestamp\":null")))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{} | event is missing",
        "{'event':'insert'} | type is missing",
        "{'event':'insert','type':'t'} | id is missing",
        "{'event':'insert','type':'','id':'i'} | type must not be empty",
        "{'event':'insert','type':'t','id':''} | id must not be empty",
        "{'event':'insert','type':'t','id':null} | id must be a string, not null",
        "{'event':'insert','type':'t','id':7} | id must be a string, not a number",
        "{'event':true} | event must be a string, not a boolean",
        "{'type':['t']} | type must be a string, not an array",
        "{'parents':'p'} | parents must be a list of strings, not a string",
        "{'parents':['a','']} | a parent must not be empty",
        "{'parents':['a',[]]} | parent 2 must be a string, not an array",
        "{'parents':[null]} | parent 1 must be a string, not null",
        "{'timestamp':1415271879} | timestamp must be a string, not a number",
        "7 | an operation is a JSON object, not a number",
        "'x' | an operation is a JSON object, not a string",
        "null | an operation is a JSON object, not null",
      })
  void whatIsWrongIsSaid(String json, String reason) {
    assertRefused(json.replace('\'', '"'), "body: " + reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\ud800", "a\\udc00", "\\udc00\\ud800", "\\ud83dx", "\\ud83d\\ud83d"})
  void halfASurrogatePairIsRefusedInEveryField(String half) {
    String reason = " must not hold half of a surrogate pair";
    assertRefused(Inputs.operation(half), "body: id" + reason);
    assertRefused("{\"type\":\"" + half + "\"}", "body: type" + reason);
    assertRefused("{\"parents\":[\"" + half + "\"]}", "body: a parent" + reason);
  }

  @Test
  void anEscapedSurrogatePairIsOneCharacter() throws Exception {
    assertThat(one(Inputs.operation("\\ud83d\\ude00")).id()).isEqualTo("😀");
  }

  @Test
  void anEmptyArrayHoldsNoOperation() throws Exception {
    assertThat(inputs.json(" [ ] \r\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\r\n\t"})
  void anEmptyBodyIsRefused(String body) {
    assertRefused(body, "body: the body is empty");
  }

  @Test
  void theElementsOfAnArrayAreReadInTheirOrder() throws Exception {
    String body = "[" + Inputs.operation("a") + ",\n" + Inputs.operation("b") + "]";
    assertThat(inputs.json(body)).extracting(Operation::id).containsExactly("a", "b");
  }

  @Test
  void theBadElementIsNamedAndAllAreCounted() {
    String good = Inputs.operation("a");
    assertThatThrownBy(() -> inputs.json("[" + good + ",[3]," + good + "," + good + "]"))
        .isInstanceOfSatisfying(
            InvalidOperationException.class,
            e -> {
              assertThat(e.place()).isEqualTo("element 2");
              assertThat(e.reason()).isEqualTo("an operation is a JSON object, not an array");
              assertThat(e.operations()).isEqualTo(4);
            });
  }

  @Test
  void aBrokenArrayCountsAsOneOperation() {
    String good = Inputs.operation("a");
    assertThatThrownBy(() -> inputs.json("[" + good + "," + good + ",{\"event\"]"))
        .isInstanceOfSatisfying(
            InvalidOperationException.class,
            e -> {
              assertThat(e.place()).isEqualTo("element 3");
              assertThat(e.reason()).startsWith("not valid JSON: ");
              assertThat(e.operations()).isEqualTo(1);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "{}", "]", ",", "\u0000"})
  void textAfterTheValueIsRefused(String rest) {
    assertThatThrownBy(() -> inputs.json(Inputs.operation("a") + " " + rest))
        .hasMessageStartingWith("body: ");
    assertThatThrownBy(() -> inputs.json("[" + Inputs.operation("a") + "] " + rest))
        .hasMessageStartingWith("body: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "[",
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\"",
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\",}",
        "{'event':'insert'}",
        "{event:\"insert\"}",
        "{\"id\":\"a\nb\"}",
        "{\"id\":\"\\x\"}",
        "{\"n\":01}",
        "{\"n\":NaN}",
        "{\"n\":1}//",
        "nul"
      })
  void whatIsNotJsonIsRefused(String json) {
    assertThatThrownBy(() -> inputs.json(json)).isInstanceOf(InvalidOperationException.class);
  }

  @Test
  void aByteOrderMarkIsPassedOver() throws Exception {
    assertThat(one("\ufeff" + Inputs.operation("a")).id()).isEqualTo("a");
  }

  @Test
  void anOperationInUtf16IsRefused() {
    byte[] wide = Inputs.operation("a").getBytes(StandardCharsets.UTF_16BE);
    assertThatThrownBy(() -> inputs.json(wide)).isInstanceOf(InvalidOperationException.class);
  }

  @Test
  void aReaderGoesOnAfterARefusal() throws Exception {
    assertThatThrownBy(() -> inputs.json("{\"type\":\"t\",\"parents\":[\"p\"],\"id\""))
        .isInstanceOf(InvalidOperationException.class);
    assertThat(one(Inputs.operation("a")).parents()).isEmpty();
  }

  @Test
  void aReaderGoesOnAfterItsTakerThrew() throws Exception {
    byte[] body = Inputs.utf8("[" + Inputs.operation("a") + "," + Inputs.operation("b") + "]");
    OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);
    assertThatThrownBy(() ->
            reader.readJson(
                body,
                0,
                body.length,
                0,
                o -> {
                  throw new IllegalStateException("full");
                }))
        .hasMessage("full");
    List<Operation> read = new ArrayList<>();
    reader.readJson(body, 0, body.length, 0, read::add);
    assertThat(read).extracting(Operation::id).containsExactly("a", "b");
  }

  @Test
  void aMessageHasNoControlCharactersOfTheProducer() {
    assertThatThrownBy(
            () -> inputs.json("{\"event\":\"\\u001b[31m\\r\\n\\u2028" + "y".repeat(100) + "\"}"))
        .hasMessage(
            "body: event must be insert, update or delete: \"?[31m???" + "y".repeat(52) + "…\"");
  }
}
