package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A stream means the same wherever it is cut. */
class SseChunkingTest {
  private static final byte[] STREAM =
      Inputs.utf8(
          String.join(
              "",
              "\ufeff:\r\nid: 1\revent: insert\r\ndata: é😀\ndata:\r\rdata: b\r\n\r\n:\n",
              "retry: 7\n\nid: 2\r\ndata\n\n\r\nevent: x\r\r\ndata: c\r\r\nid: 3\ndata: lost\n"));

  private static final List<SseEvent> EVENTS =
      List.of(
          new SseEvent("1", "insert", "é😀\n"),
          new SseEvent("1", "message", "b"),
          new SseEvent("2", "message", ""),
          new SseEvent("2", "message", "c"));

  private static void assertHeard(Heard heard, String how) {
    assertThat(heard.events).as(how).isEqualTo(EVENTS);
    assertThat(heard.comments).as(how).isEqualTo(2);
    assertThat(heard.retries).as(how).containsExactly(7L);
  }

  @Test
  void inPiecesOfEachSize() throws Exception {
    for (int size = 1; size <= STREAM.length; size++) {
      SseParser parser = new SseParser();
      Heard heard = new Heard();
      for (int at = 0; at < STREAM.length; at += size) {
        parser.feed(STREAM, at, Math.min(at + size, STREAM.length), heard);
        parser.feed(STREAM, at, at, heard);
      }
      assertHeard(heard, "pieces of " + size);
    }
  }

  @Test
  void cutAtEachPairOfPlaces() throws Exception {
    for (int first = 0; first <= STREAM.length; first++) {
      for (int second = first; second <= STREAM.length; second++) {
        SseParser parser = new SseParser();
        Heard heard = new Heard();
        parser.feed(STREAM, 0, first, heard);
        parser.feed(STREAM, first, second, heard);
        parser.feed(STREAM, second, STREAM.length, heard);
        assertHeard(heard, "cut at " + first + " and " + second);
      }
    }
  }

  @Test
  void inRandomPiecesWhoseArrayIsReused() throws Exception {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("inRandomPiecesWhoseArrayIsReused: -Dseed=" + seed);
    Random random = new Random(seed);
    byte[] chunk = new byte[9];
    for (int round = 0; round < 2000; round++) {
      SseParser parser = new SseParser();
      Heard heard = new Heard();
      for (int at = 0, size; at < STREAM.length; at += size) {
        size = Math.min(1 + random.nextInt(chunk.length), STREAM.length - at);
        System.arraycopy(STREAM, at, chunk, 0, size);
        parser.feed(chunk, 0, size, heard);
      }
      assertHeard(heard, "seed " + seed + ", round " + round);
    }
  }
}
