package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OperationLimitsTest {
  private static final String HEAD = "{\"event\":\"insert\",\"type\":\"t\",\"id\":\"i\",\"x\":";

  /** 200 bytes an operation, 10 a type, 12 an id, 3 parents of 6, 4 deep. */
  private final Inputs inputs = new Inputs(new OperationLimits(200, 10, 12, 3, 6, 4));

  private static String typed(String type) {
    return "{\"event\":\"insert\",\"type\":\"" + type + "\",\"id\":\"i\"}";
  }

  private void assertAtTheLimit(String json) throws Exception {
    assertThat(inputs.json(json)).hasSize(1);
    assertThat(inputs.ndjson(json)).hasSize(1);
    assertThat(inputs.datagram(json).bad).isEmpty();
  }

  private void assertRefused(String json, String reason) {
    assertThatThrownBy(() -> inputs.json(json)).hasMessage("body: " + reason);
    assertThatThrownBy(() -> inputs.ndjson(json)).hasMessage("line 1: " + reason);
    assertThatThrownBy(() -> inputs.json("[" + json + "]")).hasMessage("element 1: " + reason);
    Inputs datagram = new Inputs(new OperationLimits(200, 10, 12, 3, 6, 4)).datagram(json);
    assertThat(datagram.bad).extracting(InvalidOperationException::reason).containsExactly(reason);
  }

  @Test
  void bytesOfAnOperation() throws Exception {
    String fill = "y".repeat(200 - HEAD.length() - 3);
    assertAtTheLimit(HEAD + "\"" + fill + "\"}");
    assertRefused(HEAD + "\"y" + fill + "\"}", "an operation must have at most 200 bytes: 201");
  }

  @Test
  void anArrayMayBeLongerThanAnOperation() throws Exception {
    String element = HEAD + "\"" + "y".repeat(150) + "\"}";
    assertThat(inputs.json("[" + element + " , " + element + "]")).hasSize(2);
    assertThat(inputs.ndjson(element + "\r\n" + element + "\n")).hasSize(2);
  }

  @Test
  void bytesOfAType() throws Exception {
    assertAtTheLimit(typed("ééééé"));
    assertRefused(typed("ééééé1"), "type must have at most 10 bytes: 11");
    assertRefused(typed("x".repeat(11)), "type must have at most 10 bytes: 11");
  }

  @Test
  void bytesOfAnId() throws Exception {
    assertAtTheLimit(Inputs.operation("😀€€é"));
    assertRefused(Inputs.operation("😀€€éx"), "id must have at most 12 bytes: 13");
  }

  @Test
  void numberOfParents() throws Exception {
    assertAtTheLimit(Inputs.operationWith("\"parents\":[\"a\",\"b\",\"c\"]"));
    assertRefused(
        Inputs.operationWith("\"parents\":[\"a\",\"b\",\"c\",\"d\"]"),
        "parents must have at most 3 items: 4 or more");
  }

  @Test
  void bytesOfAParent() throws Exception {
    assertAtTheLimit(Inputs.operationWith("\"parents\":[\"€€\"]"));
    assertRefused(
        Inputs.operationWith("\"parents\":[\"a\",\"€€x\"]"),
        "a parent must have at most 6 bytes: 7");
  }

  @Test
  void depthOfNesting() throws Exception {
    assertAtTheLimit(HEAD + "[{\"a\":[]}]}");
    assertRefused(
        HEAD + "[{\"a\":[{}]}]}", "objects and lists must nest at most 4 deep: 5 or more");
  }

  @Test
  void theDefaultsAreThoseOfTheProtocol() {
    assertThat(OperationLimits.DEFAULTS)
        .isEqualTo(new OperationLimits(65_507, 255, 4096, 1000, 4096, 64));
  }

  @Test
  void aLimitIsPositive() {
    assertThatThrownBy(() -> new OperationLimits(1, 1, 0, 1, 1, 1))
        .hasMessage("must be >= 1: maxIdBytes=0");
  }
}
