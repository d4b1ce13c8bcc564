package io.oplog.client.sync.sort;

import java.io.Closeable;
import java.io.IOException;
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
   * Opens all runs.
   *
   * @param bufferBytes what is read ahead of each
   */
  RunMerge(Scratch scratch, List<Path> runs, int bufferBytes) throws IOException {
    for (Path run : runs) {
      RunReader reader = new RunReader(scratch.read(run), bufferBytes);
      open.add(reader);
      queue(reader);
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

  @Override
  public void close() throws IOException {
    for (RunReader reader : open) {
      reader.close();
    }
  }
}
