package io.oplog.client.sync.sort;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** The entries of several runs in one order. Thread-confined. */
final class RunMerge implements Closeable {
  private final List<RunReader> open = new ArrayList<>();
  private final PriorityQueue<RunReader> waiting = new PriorityQueue<>(RunReader::compare);
  private @Nullable RunReader current;

  /**
   * Opens all runs, or none where one fails.
   *
   * @param bufferBytes what is read ahead of each
   */
  RunMerge(Opener files, List<Path> runs, int bufferBytes) throws IOException {
    try {
      for (Path run : runs) {
        RunReader reader = new RunReader(files.open(run), bufferBytes);
        open.add(reader);
        queue(reader);
      }
    } catch (IOException | RuntimeException e) {
      closeAfter(e);
      throw e;
    }
  }

  /** Opens a run. */
  @FunctionalInterface
  interface Opener {
    InputStream open(Path run) throws IOException;
  }

  private void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private void queue(RunReader reader) throws IOException {
    if (reader.next()) {
      waiting.add(reader);
    }
  }

  /** Moves to the next entry; null at the end. It is another one after the next call. */
  @Nullable EntryBytes next() throws IOException {
    RunReader before = current;
    if (before != null) {
      queue(before);
    }
    current = waiting.poll();
    return current == null ? null : current.current();
  }

  /** Closes all, whatever becomes of one. */
  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (RunReader reader : open) {
      try {
        reader.close();
      } catch (IOException e) {
        failure = withSuppressed(failure, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static IOException withSuppressed(@Nullable IOException first, IOException next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }
}
