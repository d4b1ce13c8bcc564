package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
  private static final String EXAMPLE =
      """
      : test stream

      data: first event
      id: 1

      data:second event
      id

      data:  third event

      """;

  private static final String RETRIES =
      """
      retry: 100
      retry:5
      retry: 1s
      retry: -1
      retry:
      retry
      retry: +1
      retry: 99999999999999999999
      """;

  private static Heard hear(String stream) throws SseException {
    return new Heard().feed(new SseParser(), Inputs.utf8(stream));
  }

  private static SseEvent message(String data) {
    return new SseEvent("", "message", data);
  }

  @Test
  void anEventHasIdTypeAndData() throws Exception {
    assertThat(hear("id: 1\nevent: insert\ndata: x\n\n").events)
        .containsExactly(new SseEvent("1", "insert", "x"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void linesEndInLfOrCrOrBoth(String end) throws Exception {
    String stream = ":c\nid:1\nevent: a\ndata: x\ndata: y\n\ndata: z\n\n".replace("\n", end);
    Heard heard = hear(stream);
    assertThat(heard.events)
        .containsExactly(new SseEvent("1", "a", "x\ny"), new SseEvent("1", "message", "z"));
    assertThat(heard.comments).isEqualTo(1);
  }

  /** The examples of the standard. */
  @Test
  void theExamplesOfTheStandard() throws Exception {
    assertThat(hear("data: YHOO\ndata: +2\ndata: 10\n\n").events)
        .containsExactly(message("YHOO\n+2\n10"));
    assertThat(hear(EXAMPLE).events)
        .containsExactly(
            new SseEvent("1", "message", "first event"),
            message("second event"),
            message(" third event"));
    assertThat(hear("data\n\ndata\ndata\n\ndata:").events)
        .containsExactly(message(""), message("\n"));
    assertThat(hear("data:test\n\ndata: test\n\n").events)
        .containsExactly(message("test"), message("test"));
  }

  @Test
  void anEventWithoutDataIsDroppedButItsIdStays() throws Exception {
    assertThat(hear("id: 7\nevent: live\n\ndata: x\n\n").events)
        .containsExactly(new SseEvent("7", "message", "x"));
  }

  @Test
  void anEventThatTheStreamEndsInIsDroppedAndItsIdToo() throws Exception {
    SseParser parser = new SseParser();
    Heard heard = new Heard().feed(parser, Inputs.utf8("id: 1\ndata: a\n\nid: 2\ndata: b\n"));
    assertThat(heard.events).hasSize(1);
    assertThat(parser.lastEventId()).isEqualTo("1");
  }

  @Test
  void anIdWithNulIsIgnored() throws Exception {
    assertThat(hear("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n").events)
        .extracting(SseEvent::lastEventId)
        .containsExactly("1", "1", "");
  }

  @Test
  void onlyDigitsMakeARetry() throws Exception {
    assertThat(hear(RETRIES).retries).containsExactly(100L, 5L, (long) Integer.MAX_VALUE);
  }

  @Test
  void unknownFieldsAreIgnored() throws Exception {
    assertThat(hear("foo: 1\nDATA: 2\n data: 3\ndatax: 4\ndat: 5\n\ndata: x\n\n").events)
        .containsExactly(message("x"));
  }

  @Test
  void aByteOrderMarkIsPassedOverAtTheStartOnly() throws Exception {
    assertThat(hear("\ufeffdata: a\n\n").events).containsExactly(message("a"));
    assertThat(hear("\ufeff\ufeffdata: a\n\n").events).isEmpty();
    assertThat(hear("data: a\n\n\ufeffdata: b\n\n").events).containsExactly(message("a"));
  }

  @Test
  void invalidUtf8BecomesReplacementCharacters() throws Exception {
    byte[] stream = "data: a\u00ffb\u00c3\n\n".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(new Heard().feed(new SseParser(), stream).events)
        .containsExactly(message("a\ufffdb\ufffd"));
  }

  @Test
  void aLineUpToTheLimitIsRead() throws Exception {
    SseParser parser = new SseParser(10, 100);
    assertThat(new Heard().feed(parser, Inputs.utf8("data: 1234\n\n")).events).hasSize(1);
  }

  @Test
  void aLongerLineIsRefusedWhetherItEndsOrNot() {
    for (String line : new String[] {"data: 12345", ":1234567890", "data: 12345\n\n"}) {
      assertThatThrownBy(() -> new Heard().feed(new SseParser(10, 100), Inputs.utf8(line)))
          .isInstanceOfSatisfying(
              SseException.class,
              e -> {
                assertThat(e.limit()).isEqualTo("maxLineBytes");
                assertThat(e.max()).isEqualTo(10);
              })
          .hasMessage("the stream passes maxLineBytes=10");
    }
  }

  @Test
  void anEventLongerThanItsLimitIsRefused() throws Exception {
    String atLimit = "data: 123\ndata: 456\n";
    Heard heard = new Heard().feed(new SseParser(100, 7), Inputs.utf8(atLimit + "\n"));
    assertThat(heard.events).containsExactly(message("123\n456"));
    assertThatThrownBy(
            () -> new Heard().feed(new SseParser(100, 7), Inputs.utf8(atLimit + "data\n")))
        .isInstanceOf(SseException.class)
        .hasMessage("the stream passes maxEventBytes=7");
  }

  @Test
  void buffersAreReadToTheirEnd() throws Exception {
    byte[] stream = Inputs.utf8("..data: a\n\n..");
    Heard heard = new Heard();
    ByteBuffer slice = ByteBuffer.wrap(stream, 1, stream.length - 3).slice().position(1);
    new SseParser().feed(slice, heard);
    ByteBuffer direct = ByteBuffer.allocateDirect(stream.length - 4);
    direct.put(stream, 2, stream.length - 4).flip();
    new SseParser().feed(direct, heard);
    assertThat(heard.events).containsExactly(message("a"), message("a"));
    assertThat(slice.hasRemaining()).isFalse();
    assertThat(direct.hasRemaining()).isFalse();
  }

  @Test
  void anEmptyEventNameIsMessage() throws Exception {
    assertThat(hear("event:\ndata: a\n\nevent: x\nevent\ndata: b\n\n").events)
        .containsExactly(message("a"), message("b"));
  }

  @Test
  void manyNamesAreKeptApart() throws Exception {
    StringBuilder stream = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      stream
          .append("event: ")
          .append("n" + i % 50)
          .append("\ndata: n")
          .append(i % 50)
          .append("\n\n");
    }
    assertThat(hear(stream.toString()).events)
        .hasSize(200)
        .allSatisfy(e -> assertThat(e.type()).isEqualTo(e.data()));
  }
}
