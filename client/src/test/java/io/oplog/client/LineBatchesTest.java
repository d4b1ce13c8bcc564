package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineBatchesTest {
  private static List<LineBatch> all(String text, int maxLines, int maxBytes) throws IOException {
    LineBatches batches =
        new LineBatches(
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxLines, maxBytes);
    List<LineBatch> all = new ArrayList<>();
    for (LineBatch batch = batches.next(); batch != null; batch = batches.next()) {
      all.add(batch);
    }
    return all;
  }

  private static String text(LineBatch batch) {
    return new String(batch.bytes(), StandardCharsets.UTF_8);
  }

  @Test
  void batchesAreBoundedByLines() throws Exception {
    assertThat(all("a\nb\nc\n", 2, 100))
        .extracting(LineBatchesTest::text)
        .containsExactly("a\nb\n", "c\n");
  }

  @Test
  void batchesAreBoundedByBytes() throws Exception {
    assertThat(all("aaa\nbbb\nccc\n", 10, 9))
        .extracting(LineBatchesTest::text)
        .containsExactly("aaa\nbbb\n", "ccc\n");
  }

  @Test
  void aLastLineNeedsNoEnd() throws Exception {
    assertThat(all("a\nb", 1, 100)).extracting(LineBatchesTest::text).containsExactly("a\n", "b");
  }

  @Test
  void aLineThatFitsNoBatchIsNamed() {
    assertThatThrownBy(() -> all("a\nbbbbbbbbbb\n", 5, 4))
        .isInstanceOf(BrokenLineException.class)
        .hasMessage("line 2: longer than 4 bytes");
  }

  @Test
  void linesAreCountedOverBatches() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    int lines = 500;
    for (int i = 0; i < lines; i++) {
      text.append("x".repeat(random.nextInt(20))).append('\n');
    }
    List<LineBatch> batches = all(text.toString(), 1 + random.nextInt(20), 50);
    long next = 1;
    StringBuilder joined = new StringBuilder();
    for (LineBatch batch : batches) {
      assertThat(batch.firstLine()).as("seed " + seed).isEqualTo(next);
      assertThat(text(batch).chars().filter(c -> c == '\n').count()).isEqualTo(batch.lines());
      next = batch.lastLine() + 1;
      joined.append(text(batch));
    }
    assertThat(joined.toString()).as("seed " + seed).isEqualTo(text.toString());
    assertThat(next).isEqualTo(lines + 1L);
  }

  @Test
  void aBatchIsCutAtALine() {
    LineBatch batch = new LineBatch("a\nb\nc\n".getBytes(StandardCharsets.UTF_8), 10, 3);
    assertThat(text(batch.after(10))).isEqualTo("b\nc\n");
    assertThat(batch.after(10).firstLine()).isEqualTo(11);
    assertThat(text(batch.before(12))).isEqualTo("a\nb\n");
    assertThat(batch.before(10).lines()).isZero();
    assertThat(batch.after(9)).isSameAs(batch);
  }
}
