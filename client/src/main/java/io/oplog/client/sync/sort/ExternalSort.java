package io.oplog.client.sync.sort;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sorts any number of entries by key, then order, in bounded memory: runs of one buffer each are
 * sorted and written, then merged. Thread-confined; used once.
 */
public final class ExternalSort {
  private final Scratch scratch;
  private final SortMemory memory;
  private final List<Path> runs = new ArrayList<>();
  private final EntryBytes entry = new EntryBytes();
  private @Nullable RunBuffer buffer;

  /** Nothing to sort yet. */
  public ExternalSort(Scratch scratch) {
    this(scratch, SortMemory.DEFAULT);
  }

  ExternalSort(Scratch scratch, SortMemory memory) {
    this.scratch = scratch;
    this.memory = memory;
  }

  /** Takes an entry. */
  public void add(Entry added) throws IOException {
    entry.encode(added);
    RunBuffer open = buffer == null ? newBuffer() : buffer;
    if (!open.add(entry)) {
      spill(open);
      addToEmpty(open);
    }
  }

  private RunBuffer newBuffer() {
    RunBuffer made = new RunBuffer(memory.runBytes());
    buffer = made;
    return made;
  }

  /** One that is longer than a run is a run of its own. */
  private void addToEmpty(RunBuffer open) throws IOException {
    if (!open.add(entry)) {
      RunBuffer own = new RunBuffer(entry.size());
      own.add(entry);
      spill(own);
    }
  }

  private void spill(RunBuffer full) throws IOException {
    if (full.isEmpty()) {
      return;
    }
    scratch.requireRoom(full.size());
    Path run = scratch.newFile("run");
    runs.add(run);
    try (OutputStream out = scratch.write(run)) {
      full.drainTo(out);
    }
  }

  /** Forgets everything. */
  public void clear() throws IOException {
    if (buffer != null) {
      buffer.clear();
    }
    for (Path run : runs) {
      scratch.delete(run);
    }
    runs.clear();
  }

  /** Everything is there: the buffer's memory is given back. */
  public void complete() throws IOException {
    if (buffer != null) {
      spill(buffer);
      buffer = null;
    }
    while (runs.size() > memory.fanIn()) {
      mergeFirst();
    }
  }

  /**
   * The objects in order, after {@link #complete}.
   *
   * @param repeated hears of entries of one object, of which the last counts
   */
  public ObjectCursor objects(ObjectCursor.Repeated repeated) throws IOException {
    return new ObjectCursor(sorted(), repeated);
  }

  RunMerge sorted() throws IOException {
    return new RunMerge(scratch::read, runs, memory.readBytes());
  }

  /** The oldest runs become one, behind the others, so that each is merged as rarely as can be. */
  private void mergeFirst() throws IOException {
    List<Path> first = List.copyOf(runs.subList(0, memory.fanIn()));
    scratch.requireRoom(scratch.size(first));
    Path merged = scratch.newFile("run");
    try (RunMerge merge = new RunMerge(scratch::read, first, memory.readBytes());
        OutputStream out = scratch.write(merged)) {
      for (EntryBytes next = merge.next(); next != null; next = merge.next()) {
        out.write(next.bytes(), 0, next.size());
      }
    }
    runs.subList(0, first.size()).clear();
    for (Path run : first) {
      scratch.delete(run);
    }
    runs.add(merged);
  }
}
