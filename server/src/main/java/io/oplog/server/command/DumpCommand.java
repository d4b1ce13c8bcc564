package io.oplog.server.command;

import io.oplog.client.sync.StateDump;
import io.oplog.client.sync.StateDump.Written;
import io.oplog.client.sync.sort.NamedOutput;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.server.config.FileReason;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code oplog dump}. */
@Command(
    name = "dump",
    description = {
      "Writes the objects that exist, one JSON object a line, each once, sorted by type and id: a dump"
          + " as 'oplog sync' takes it.",
      "At its end it says the position that the lines stand for, from which 'oplog tail' goes on."
    },
    footer = {
      "",
      "Examples:",
      "  oplog dump --output objects.ndjson.gz --state-file position",
      "  oplog tail --state-file position              goes on where the dump ends",
      "  oplog dump --types video | wc -l"
    })
final class DumpCommand implements Callable<Integer> {
  private static final int BUFFER = 1 << 18;

  @Mixin private LogAccess access;

  @Option(
      names = "--types",
      paramLabel = "TYPE",
      split = ",",
      description = "Only objects of these types, with commas between them.")
  private List<String> types = List.of();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description =
          "Write to this file, which is there only once it is whole; compressed when its name ends in"
              + " .gz. By default standard output.")
  private @Nullable Path output;

  @Option(
      names = "--state-file",
      paramLabel = "FILE",
      description = "Gets the position that the lines stand for, when they are written.")
  private @Nullable Path stateFile;

  @Option(
      names = "--tmp",
      paramLabel = "FOLDER",
      description =
          "Where temporary files go, as large as the dump; by default the system's folder for them.")
  private @Nullable Path tmp;

  @Override
  public Integer call() throws Exception {
    SyncBar bar = new SyncBar(access.server());
    try (RunStop stop = new RunStop(bar::stop, () -> sayStopped(bar))) {
      stop.run(() -> run(bar));
    }
    return ExitCode.OK;
  }

  private void run(SyncBar bar) throws Exception {
    try (LogAccess _ = access;
        PositionFile position = PositionFile.open(stateFile);
        Scratch scratch = Scratch.in(TemporaryFolder.orDefault(tmp))) {
      Written written = write(new StateDump(access.log(null), bar, scratch));
      sayWritten(written, bar, position);
    }
  }

  private void sayWritten(Written written, SyncBar bar, PositionFile position) throws IOException {
    bar.end();
    position.reached(written.position().toString());
    access
        .server()
        .say(
            String.format(
                Locale.ROOT, "%,d objects as of %s", written.objects(), written.position()));
  }

  /** What waits for the server does not remove its file. */
  private void sayStopped(SyncBar bar) {
    bar.end();
    if (output != null) {
      boolean _ = unfinished(output).toFile().delete();
    }
    access
        .server()
        .say("stopped; " + (output == null ? bar.written() : output + " was not written"));
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + ".tmp");
  }

  private Written write(StateDump dump) throws IOException, InterruptedException, CommandFailure {
    if (output != null) {
      return writeFile(dump, output);
    }
    OutputStream raw = new FileOutputStream(FileDescriptor.out);
    try (OutputStream out =
        new BufferedOutputStream(NamedOutput.to("standard output", raw), BUFFER)) {
      return dump.write(SyncCommand.lowerCase(types), out);
    }
  }

  private Written writeFile(StateDump dump, Path file)
      throws IOException, InterruptedException, CommandFailure {
    Path unfinished = unfinished(file);
    try {
      Written written;
      try (OutputStream out = open(file, unfinished)) {
        written = dump.write(SyncCommand.lowerCase(types), out);
      }
      sync(unfinished);
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
      return written;
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static OutputStream open(Path file, Path unfinished) throws CommandFailure {
    try {
      OutputStream raw = NamedOutput.to(file.toString(), Files.newOutputStream(unfinished));
      OutputStream out = new BufferedOutputStream(raw, BUFFER);
      return file.toString().endsWith(".gz") ? new GZIPOutputStream(out, BUFFER) : out;
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot write " + file + ": " + FileReason.of(e));
    }
  }

  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }
}
