package io.oplog.server.command;

import io.oplog.client.ReplacedFile;
import io.oplog.protocol.Cursor;
import io.oplog.server.config.FileReason;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds a position and nothing else: the last event id, as the original's tail writes
 * it, or a relay's. Replaced whole, a few times a second and at the end, by a thread of its own,
 * since a sync takes its time; so after a kill the newest lines come again, and none is missing.
 */
final class PositionFile implements AutoCloseable {
  private static final long INTERVAL_MILLIS = 200;

  private final @Nullable ReplacedFile file;
  private final @Nullable ScheduledExecutorService saver;
  private volatile String reached;
  private volatile @Nullable IOException failure;
  private String saved;

  private PositionFile(@Nullable ReplacedFile file, String saved) {
    this.file = file;
    this.saved = saved;
    this.reached = saved;
    this.saver = file == null ? null : startSaver();
  }

  /**
   * Reads the position, and starts to keep it.
   *
   * @param file null keeps nothing
   * @throws CommandFailure when the file does not hold a position, or cannot be written
   */
  static PositionFile open(@Nullable Path file) throws CommandFailure {
    return open(file, "event id", Cursor::parse);
  }

  /**
   * The same for another kind of position.
   *
   * @param what it is, for messages
   * @param check throws an {@link IllegalArgumentException} for what is none
   */
  static PositionFile open(@Nullable Path file, String what, Consumer<String> check)
      throws CommandFailure {
    if (file == null) {
      return new PositionFile(null, "");
    }
    String saved = read(file, what, check);
    requireWritable(file);
    return new PositionFile(new ReplacedFile(file), saved);
  }

  private static String read(Path file, String what, Consumer<String> check) throws CommandFailure {
    if (Files.isDirectory(file)) {
      throw unusable(file, "is a folder");
    }
    try {
      String text = Files.readString(file).strip();
      check.accept(text);
      return text;
    } catch (NoSuchFileException e) {
      return "";
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new CommandFailure(ExitCode.DATA, file + " holds no " + what);
    } catch (IOException e) {
      throw unusable(file, FileReason.of(e));
    }
  }

  /** Found out now, rather than when the first lines were printed. */
  private static void requireWritable(Path file) throws CommandFailure {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null && !Files.isDirectory(folder)) {
      throw unusable(file, "there is no folder " + folder);
    }
    try {
      new ReplacedFile(file).requireWritable();
    } catch (IOException e) {
      throw unusable(file, FileReason.of(e));
    }
  }

  private static CommandFailure unusable(Path file, String reason) {
    return new CommandFailure(
        ExitCode.FAILURE, "cannot keep the position in " + file + ": " + reason);
  }

  private ScheduledExecutorService startSaver() {
    ScheduledExecutorService thread =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("position").factory());
    var _ =
        thread.scheduleWithFixedDelay(
            this::saveQuietly, INTERVAL_MILLIS, INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    return thread;
  }

  /** The position that the file held when it was opened; empty when there was none. */
  String saved() {
    return saved;
  }

  /**
   * Everything up to a position was printed.
   *
   * @throws IOException when an earlier position could not be saved
   */
  void reached(String lastEventId) throws IOException {
    reached = lastEventId;
    IOException earlier = failure;
    if (earlier != null) {
      throw new IOException("cannot save the position: " + FileReason.of(earlier), earlier);
    }
  }

  private void saveQuietly() {
    try {
      save();
      failure = null;
    } catch (IOException e) {
      failure = e;
    }
  }

  private synchronized void save() throws IOException {
    String position = reached;
    if (file == null || position.equals(saved)) {
      return;
    }
    file.write(position);
    saved = position;
  }

  /** Saves the last position. */
  @Override
  public void close() throws IOException {
    if (saver != null) {
      saver.shutdownNow();
      save();
    }
  }
}
