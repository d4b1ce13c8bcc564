package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileInputTest {
  private static final OperationLimits GENEROUS =
      new OperationLimits(1 << 20, 1 << 17, 1 << 17, 1000, 1 << 17, 64);

  private final Inputs inputs = Inputs.withDefaults();

  private static byte[] withIdOf(byte[] middle) {
    byte[] body = Inputs.utf8(Inputs.operation("?".repeat(middle.length)));
    System.arraycopy(middle, 0, body, body.length - 2 - middle.length, middle.length);
    return body;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c080", // overlong NUL
        "c1bf",
        "e09fbf",
        "f08fbfbf", // overlong
        "eda080",
        "edbfbf",
        "eda081edb080", // surrogates, and a pair of them (CESU-8)
        "f4908080",
        "f5808080",
        "f8888080",
        "fe",
        "ff", // beyond Unicode
        "80",
        "bf",
        "8080", // a continuation alone
        "c3",
        "e282",
        "f09f98",
        "e2",
        "f0", // cut short
        "c328",
        "e28228",
        "f09f9828",
        "e228a1", // cut by ASCII
        "fffe",
        "feff"
      })
  void invalidUtf8IsRefusedEverywhere(String hex) throws Exception {
    byte[] body = withIdOf(HexFormat.of().parseHex(hex));
    int place = body.length - 2 - hex.length() / 2 + 1;
    String reason = "not valid UTF-8 at byte " + place;
    assertThatThrownBy(() -> inputs.json(body)).hasMessage("body: " + reason);
    assertThatThrownBy(() -> inputs.ndjson(body)).hasMessage("line 1: " + reason);
    assertThat(inputs.datagram(body).messages()).containsExactly("line 1: " + reason);
  }

  @Test
  void invalidUtf8IsRefusedInAnUnknownKeyToo() {
    byte[] body = Inputs.utf8(Inputs.operationWith("\"x?\":\"?\""));
    body[body.length - 3] = (byte) 0xff;
    assertThatThrownBy(() -> inputs.json(body)).hasMessageContaining("not valid UTF-8");
  }

  @Test
  void theElementThatIsNotUtf8IsNamed() {
    byte[] body = Inputs.utf8("[" + Inputs.operation("a") + "," + Inputs.operation("?") + "]");
    body[body.length - 4] = (byte) 0xff;
    assertThatThrownBy(() -> inputs.json(body))
        .hasMessage("element 2: not valid UTF-8 at byte " + (body.length - 3));
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"x\":", "{\"x\":[", "[{\"event\":\"insert\",\"x\":"})
  void deepNestingIsRefusedWithoutHarm(String opening) {
    String deep = opening.repeat(60_000 / opening.length());
    assertThatThrownBy(() -> inputs.json(deep)).isInstanceOf(InvalidOperationException.class);
    assertThatThrownBy(() -> inputs.ndjson(deep)).isInstanceOf(InvalidOperationException.class);
    assertThat(inputs.datagram(deep).bad).hasSize(1);
    String inField = Inputs.operationWith("\"x\":" + deep);
    assertThatThrownBy(() -> inputs.json(inField))
        .hasMessage("body: objects and lists must nest at most 64 deep: 65 or more");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event\":\"insert\"",
        "[{\"event\":\"insert\",\"x\":[}]",
        "{\"event\":\"ins",
        "{\"event\":insert}",
        "{\"event\" \"insert\"}"
      })
  void brokenJsonIsToldInWordsOfOurs(String json) {
    assertThatThrownBy(() -> inputs.json(json))
        .message()
        .contains("not valid JSON: ")
        .doesNotContain("Source")
        .doesNotContain("[")
        .doesNotContain("StreamReadFeature");
  }

  @Test
  void aMillionLevelsAreCountedWithoutHarm() {
    assertThatThrownBy(() -> inputs.json("[3," + "[".repeat(1_000_000)))
        .hasMessage("element 1: an operation is a JSON object, not a number");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"\\r", "\\n", "\\r\\n\\r\\n", "\\u0000", "\\n\\ndata: x\\n\\n", "\\u0085"})
  void nothingInAFieldBreaksTheFraming(String text) throws Exception {
    String json =
        "{\"event\":\"insert\",\"type\":\"t\",\"id\":\""
            + text
            + "\",\"parents\":[\""
            + text
            + "\"]}";
    FrameEncoder encoder = new FrameEncoder();
    Operation operation = inputs.json(json).get(0);
    encoder.add(operation);
    encoder.add(operation);
    Frames frames = encoder.take();
    List<SseEvent> events = new ArrayList<>();
    new SseParser().feed(frames.bytes(), 0, frames.length(), events::add);
    StreamEvent expected = new StreamEvent.Change(EventId.ZERO, operation, null);
    assertThat(events).extracting(StreamEvent::decode).containsExactly(expected, expected);
  }

  @Test
  void anIdOf64KilobytesIsRefusedUnlessAllowed() throws Exception {
    String id = "i".repeat(65_400);
    assertThatThrownBy(() -> inputs.json(Inputs.operation(id)))
        .hasMessage("body: id must have at most 4096 bytes: 65400");
    assertThat(new Inputs(GENEROUS).json(Inputs.operation(id)).get(0).id()).isEqualTo(id);
  }

  @Test
  void aThousandParentsAreAllowedAndOneMoreIsNot() throws Exception {
    String parents = "\"parents\":[" + "\"p\",".repeat(999) + "\"p\"";
    assertThat(inputs.json(Inputs.operationWith(parents + "]")).get(0).parents()).hasSize(1000);
    assertThatThrownBy(() -> inputs.json(Inputs.operationWith(parents + ",\"p\"]")))
        .hasMessage("body: parents must have at most 1000 items: 1001 or more");
  }

  @Test
  void endlesslyManyDifferentKeysAreReadAsOnesThatNobodyKnows() throws Exception {
    for (int round = 0; round < 50; round++) {
      StringBuilder fields = new StringBuilder("\"z\":0");
      for (int i = 0; i < 2000; i++) {
        fields.append(",\"k").append(round * 2000 + i).append("\":0");
      }
      assertThat(inputs.json(Inputs.operationWith(fields.toString()))).hasSize(1);
    }
  }

  /** Bytes are changed at random in a valid body: it is read or refused, nothing else. */
  @Test
  void damagedInputIsReadOrRefused() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("damagedInputIsReadOrRefused: -Dseed=" + seed);
    Random random = new Random(seed);
    String operation =
        Inputs.operationWith(
            "\"parents\":[\"é\\n\"],\"timestamp\":\"2024-02-29T11:12:13.5+01:30\",\"x\":[{\"y\":1.5e3}]");
    for (int i = 0; i < 10_000; i++) {
      assertReadOrRefused(damaged(random, operation + "\n" + operation));
    }
  }

  private static byte[] damaged(Random random, String text) {
    byte[] body = Inputs.utf8(text);
    for (int change = random.nextInt(3); change >= 0; change--) {
      byte other = body[random.nextInt(body.length)];
      body[random.nextInt(body.length)] =
          switch (random.nextInt(3)) {
            case 0 -> (byte) random.nextInt();
            case 1 -> (byte) ('0' + random.nextInt(10));
            default -> other;
          };
    }
    return body;
  }

  private void assertReadOrRefused(byte[] body) {
    int json = readOrRefused(() -> inputs.json(body));
    int ndjson = readOrRefused(() -> inputs.ndjson(body));
    inputs.good.clear();
    inputs.bad.clear();
    inputs.datagram(body);
    if (json > 1 || ndjson > 3 || inputs.good.size() + inputs.bad.size() == 0) {
      fail(new String(body, StandardCharsets.ISO_8859_1));
    }
  }

  private interface Reading {
    List<Operation> read() throws InvalidOperationException;
  }

  private static int readOrRefused(Reading reading) {
    try {
      return reading.read().size();
    } catch (InvalidOperationException e) {
      return 0;
    }
  }
}
