package io.oplog.client.sync.sort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunMergeTest {
  private static final List<Path> RUNS = List.of(Path.of("a"), Path.of("b"), Path.of("cut"));

  private final List<Path> closed = new ArrayList<>();

  /** A run that cannot even be closed. */
  private InputStream open(Path run) {
    byte[] bytes = run.endsWith("cut") ? new byte[] {0, 0} : new byte[0];
    return new ByteArrayInputStream(bytes) {
      @Override
      public void close() throws IOException {
        closed.add(run);
        throw new IOException("cannot close " + run);
      }
    };
  }

  @Test
  void allRunsAreClosedWhereOneCannotBeRead() {
    assertThatExceptionOfType(EOFException.class)
        .isThrownBy(() -> new RunMerge(this::open, RUNS, 64))
        .satisfies(e -> assertThat(e.getSuppressed()[0].getSuppressed()).hasSize(2));
    assertThat(closed).isEqualTo(RUNS);
  }

  @Test
  void allRunsAreClosedWhereOneCannotBe() throws IOException {
    RunMerge merge = new RunMerge(this::open, RUNS.subList(0, 2), 64);
    assertThatIOException()
        .isThrownBy(merge::close)
        .withMessage("cannot close a")
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("cannot close b"));
    assertThat(closed).isEqualTo(RUNS.subList(0, 2));
  }
}
