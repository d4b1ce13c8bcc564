package io.oplog.server.command;

import io.oplog.client.sync.StateDump;
import io.oplog.client.sync.StateDump.Written;
import io.oplog.client.sync.sort.NamedOutput;
import io.oplog.client.sync.sort.Scratch;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
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
      "At its end it says the position that the lines stand for, from which 'oplog tail' goes on: on"
          + " standard error, and in the --state-file.",
      "A connection that breaks is made anew and goes on; a run that is stopped or killed begins anew."
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
      description =
          "Gets the position that the lines stand for, when they are written; without it only standard"
              + " error does.")
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
    WholeFile file = output == null ? null : new WholeFile(output);
    try (RunStop stop = new RunStop(bar::stop, () -> sayStopped(bar, file))) {
      stop.run(() -> run(bar, file, stop));
    }
    return ExitCode.OK;
  }

  private void run(SyncBar bar, @Nullable WholeFile file, RunStop stop) throws Exception {
    try (LogAccess _ = access;
        PositionFile position = PositionFile.open(stateFile);
        Scratch scratch = Scratch.in(TemporaryFolder.orDefault(tmp))) {
      StateDump dump = new StateDump(access.log(null), bar, scratch);
      WholeFile.Content<Written> content = out -> dump.write(SyncCommand.lowerCase(types), out);
      Written written = file == null ? writeOut(content, stop) : file.write(content, stop::commit);
      sayWritten(written, bar, position);
    }
  }

  private static Written writeOut(WholeFile.Content<Written> content, RunStop stop)
      throws IOException, InterruptedException {
    OutputStream raw = new FileOutputStream(FileDescriptor.out);
    Written written;
    try (OutputStream out =
        new BufferedOutputStream(NamedOutput.to("standard output", raw), BUFFER)) {
      written = content.write(out);
    }
    stop.commit();
    return written;
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
  private void sayStopped(SyncBar bar, @Nullable WholeFile file) {
    bar.end();
    if (file != null) {
      file.discard();
    }
    access.server().say("stopped; " + (file == null ? bar.written() : file + " was not written"));
  }
}
