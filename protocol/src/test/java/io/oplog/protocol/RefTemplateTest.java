package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefTemplateTest {

  @ParameterizedTest
  @CsvSource({
    "http://api/{{type}}/{{id}}, http://api/video/x1",
    "http://api/{{ type }}/{{  id}}, http://api/video/x1",
    "{{id}}, x1",
    "{{id}}?t={{type}}&again={{id}}, x1?t=video&again=x1",
    "http://api/{type}/{{id}}, http://api/{type}/x1",
  })
  void placeholdersAreFilled(String template, String url) {
    assertThat(RefTemplate.parse(template).apply("video", "x1")).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a b|a%20b",
        "a/b|a/b",
        "a%b?c#d|a%25b%3Fc%23d",
        "-._~!$&'()*+,;=:@|-._~!$&'()*+,;=:@",
        "\"\\<>[]{}^`|%22%5C%3C%3E%5B%5D%7B%7D%5E%60",
        "é€😀|%C3%A9%E2%82%AC%F0%9F%98%80",
      })
  void idsAreEncodedAsInAPath(String id, String encoded) {
    assertThat(RefTemplate.parse("http://api/{{id}}").apply("t", id))
        .isEqualTo("http://api/" + encoded);
  }

  @Test
  void aPlaceholderInAnIdStaysText() {
    assertThat(RefTemplate.parse("{{type}}/{{id}}").apply("{{id}}", "{{type}}"))
        .isEqualTo("%7B%7Bid%7D%7D/%7B%7Btype%7D%7D");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://api/{{type}}", "{id}"})
  void aTemplateWithoutAnIdIsRefused(String template) {
    assertThatThrownBy(() -> RefTemplate.parse(template))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("an object URL template needs {{id}}: ");
  }

  @Test
  void anUnknownPlaceholderIsRefused() {
    assertThatThrownBy(() -> RefTemplate.parse("{{id}}/{{parent}}"))
        .hasMessage("an object URL template knows {{type}} and {{id}} only: \"parent\"");
  }

  @Test
  void aReferenceIsTheLastKeyOfEachFrame() throws Exception {
    RefTemplate template = RefTemplate.parse("http://\"api\\/{{type}}/{{id}}");
    List<Operation> operations =
        List.of(
            new Operation(OperationKind.INSERT, "video", "x1", List.of("p"), 0),
            new Operation(OperationKind.DELETE, "é", "a\n\u2028\"\\ b", List.of(), 0));
    FrameEncoder encoder = new FrameEncoder();
    operations.forEach(encoder::add);
    Frames spliced = template.splice(encoder.take());
    List<SseEvent> events = new ArrayList<>();
    new SseParser().feed(spliced.bytes(), 0, spliced.length(), events::add);
    assertThat(events.get(0).data())
        .endsWith("\"type\":\"video\",\"id\":\"x1\",\"ref\":\"http://\\\"api\\\\/video/x1\"}");
    assertThat(events)
        .extracting(StreamEvent::decode)
        .containsExactly(
            new StreamEvent.Change(EventId.ZERO, operations.get(0), "http://\"api\\/video/x1"),
            new StreamEvent.Change(
                EventId.ZERO, operations.get(1), "http://\"api\\/%C3%A9/a%0A%E2%80%A8%22%5C%20b"));
  }

  @Test
  void theIdOfAFrameStaysInPlace() {
    FrameEncoder encoder = new FrameEncoder();
    encoder.add(new Operation(OperationKind.INSERT, "t", "i", List.of(), 0));
    Frames frames = encoder.take();
    Frame.putId(frames.bytes(), 0, 1, 2, 3);
    Frames spliced = RefTemplate.parse("{{id}}").splice(frames);
    assertThat(new String(spliced.bytes(), StandardCharsets.UTF_8))
        .startsWith("id: 000000010002000000000003\n")
        .endsWith(",\"id\":\"i\",\"ref\":\"i\"}\n\n");
    assertThat(spliced.length()).isEqualTo(spliced.bytes().length);
  }

  @Test
  void noFramesGiveNone() {
    assertThat(RefTemplate.parse("{{id}}").splice(Frames.NONE).count()).isZero();
  }
}
