package io.oplog.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The folder of the store; a start that made it and then failed takes it away again. */
final class DataFolder implements AutoCloseable {
  /** Of a store without one. */
  static final DataFolder NONE = new DataFolder(Path.of(""), false);

  private final Path folder;
  private final boolean fresh;
  private boolean removing;

  private DataFolder(Path folder, boolean fresh) {
    this.folder = folder;
    this.fresh = fresh;
  }

  /** The folder, before the store makes it. */
  static DataFolder of(Path folder) {
    return new DataFolder(folder, !Files.exists(folder));
  }

  /** When this is closed, if the folder was made by this start; nothing may be stored in it. */
  void removeIfFresh() {
    removing = fresh;
  }

  /** To be closed after the store. */
  @Override
  public void close() {
    if (!removing) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> deepestFirst = walk.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    } catch (IOException e) {
      // an empty store that stays harms nobody, and why the start failed is what has to be told
    }
  }
}
