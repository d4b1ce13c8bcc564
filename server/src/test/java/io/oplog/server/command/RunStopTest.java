package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who tells the end of a run beside which a signal comes. */
@Timeout(60)
class RunStopTest {
  @TempDir Path folder;

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicBoolean told = new AtomicBoolean();
  private final RunStop stop = new RunStop(stopped::countDown, () -> told.set(true));
  private final Thread signal = new Thread(stop::signalled);

  /** Comes, and waits for the run. */
  private void signal() {
    signal.start();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A run from its beginning to its end. */
  private void run(RunStop.Work work) throws Exception {
    try (stop) {
      stop.run(work);
    } finally {
      signal.join();
    }
  }

  @Test
  void aSignalThatComesFirstTellsTheEnd() {
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() ->
            run(() -> {
              signal();
              stop.commit();
            }));
    assertThat(told).isTrue();
  }

  @Test
  void aSignalThatComesToARunThatIsDoneSaysNothing() throws Exception {
    run(() -> {
      stop.commit();
      signal();
    });
    assertThat(told).isFalse();
  }

  @Test
  void aFailureAtTheEndIsTold() {
    assertThatIOException()
        .isThrownBy(() ->
            run(() -> {
              stop.commit();
              signal();
              throw new IOException("full");
            }))
        .withMessage("full");
    assertThat(told).isFalse();
  }

  @Test
  void aFailureAfterASignalIsTakenForItsConsequence() {
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() ->
            run(() -> {
              signal();
              throw new IOException("interrupted");
            }));
    assertThat(told).isTrue();
  }

  @Test
  void aFileThatASignalSaysIsNotWrittenIsNotThere() {
    Path path = folder.resolve("objects");
    WholeFile file = new WholeFile(path);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() ->
            run(() ->
                file.write(
                    out -> {
                      out.write('x');
                      signal();
                      return 1;
                    },
                    stop::commit)));
    assertThat(told).isTrue();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileIsThereOnceASignalWouldNotSayThatItIsNot() throws Exception {
    Path path = folder.resolve("objects");
    run(() ->
        new WholeFile(path)
            .write(
                out -> {
                  out.write("x\n".getBytes(StandardCharsets.UTF_8));
                  return 1;
                },
                () -> {
                  assertThat(path).doesNotExist();
                  assertThat(path.resolveSibling("objects.tmp")).hasContent("x\n");
                  stop.commit();
                  signal();
                }));
    assertThat(told).isFalse();
    assertThat(Files.readString(path)).isEqualTo("x\n");
    assertThat(path.resolveSibling("objects.tmp")).doesNotExist();
  }
}
