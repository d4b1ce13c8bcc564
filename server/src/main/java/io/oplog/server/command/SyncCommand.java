package io.oplog.server.command;

import io.oplog.client.BrokenInputException;
import io.oplog.client.BrokenLineException;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.Difference;
import io.oplog.client.sync.DumpException;
import io.oplog.client.sync.EmptyDumpException;
import io.oplog.client.sync.RemoteLog;
import io.oplog.client.sync.Report;
import io.oplog.client.sync.Sync;
import io.oplog.client.sync.SyncOptions;
import io.oplog.client.sync.TooManyDeletesException;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Filter;
import io.oplog.protocol.OperationLines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code oplog sync}. */
@Command(
    name = "sync",
    description = {
      "Compares what the log says exists with a dump of its source, one JSON object a line, and sends"
          + " the operations that mend the difference.",
      "What changed after the dump is left alone, and so are types that the dump does not have. A run"
          + " that was cut may be repeated."
    },
    footer = {
      "",
      "Examples:",
      "  oplog sync --dry-run dump.ndjson.gz                   prints what would be sent",
      "  oplog sync --dumped-at 2026-11-22T03:00:00Z dump.ndjson.gz",
      "  oplog sync --types video --max-deletes 5%% http://backup/videos.ndjson.gz",
      "  oplog dump --url http://other:8042 | oplog sync -"
    })
final class SyncCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private LogAccess access;

  @Parameters(
      paramLabel = "FILE",
      description =
          "Objects that exist, one a line, as 'oplog dump' prints them; in any order; may be"
              + " compressed by gzip. '-' is standard input; or an http:// or https:// address.")
  private String file = "-";

  @Option(
      names = "--dry-run",
      fallbackValue = "true",
      description =
          "Print the operations that would be sent, as 'oplog publish' takes them, and send none.")
  private boolean dryRun;

  @Option(
      names = "--types",
      paramLabel = "TYPE",
      split = ",",
      description =
          "Compare objects of these types alone, with commas between them; of one that the dump does"
              + " not have all are deleted. By default the types that the dump has.")
  private List<String> types = List.of();

  @Option(
      names = "--dumped-at",
      paramLabel = "TIME",
      description =
          "When the dump was begun, as in 2026-11-22T03:00:00Z: what changed later is left alone. By"
              + " default when it began to be read. Never later than the newest object in it.")
  private @Nullable Instant dumpedAt;

  @Option(
      names = "--max-deletes",
      paramLabel = "LIMIT",
      defaultValue = "1%",
      description =
          "Stop before anything is sent when more would be deleted: a share of the objects that"
              + " live in the log, of the types that are compared, or a number (default:"
              + " ${DEFAULT-VALUE}).")
  private DeleteLimit maxDeletes;

  @Option(
      names = "--allow-empty",
      fallbackValue = "true",
      description = "Believe a dump without any object.")
  private boolean allowEmpty;

  @Option(names = "--json", fallbackValue = "true", description = "Report as JSON.")
  private boolean json;

  @Option(
      names = "--tmp",
      paramLabel = "FOLDER",
      description =
          "Where temporary files go, as large as dump and states together; by default the system's"
              + " folder for them.")
  private @Nullable Path tmp;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Operations sent in one request; fewer where the server takes less at once (default:"
              + " ${DEFAULT-VALUE}).")
  @Within(least = "1", most = "100000")
  private int batch;

  @Option(
      names = "--ingest-password",
      paramLabel = "TEXT",
      description =
          "Password for ingest; better given by --ingest-password-file or OPLOG_INGEST_PASSWORD.")
  private @Nullable String ingestPassword;

  @Option(
      names = "--ingest-password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password for ingest.")
  private @Nullable Path ingestPasswordFile;

  @Override
  public Integer call() throws Exception {
    SyncBar bar = new SyncBar(access.server());
    try (RunStop stop = new RunStop(bar::stop, () -> sayStopped(bar))) {
      stop.run(() -> run(bar, stop));
    }
    return ExitCode.OK;
  }

  private void run(SyncBar bar, RunStop stop) throws Exception {
    try (LogAccess _ = access;
        Scratch scratch = Scratch.in(TemporaryFolder.orDefault(tmp));
        OperationFile dump = OperationFile.open(file, access.silence())) {
      bar.reads(dump::share);
      Sync sync = new Sync(log(), options(), bar, scratch);
      if (dryRun) {
        look(sync, dump.lines(), bar, stop);
      } else {
        send(sync, dump.lines(), bar, stop);
      }
    } catch (TooManyDeletesException e) {
      throw new CommandFailure(ExitCode.LIMIT, e.getMessage() + tooManyDeletes());
    }
  }

  private String tooManyDeletes() {
    String look = dryRun ? "" : " look at them with --dry-run first;";
    String age =
        dumpedAt == null ? "; --dumped-at says when the dump was begun, if that took a while" : "";
    return ";" + look + " --max-deletes allows more" + age;
  }

  private void sayStopped(SyncBar bar) {
    bar.end();
    access.server().say("stopped; " + bar.sent());
  }

  private RemoteLog log() throws CommandFailure, StoreException, IOException {
    return access.log(
        PasswordOption.resolve(spec, "--ingest-password", ingestPassword, ingestPasswordFile));
  }

  private SyncOptions options() {
    OptionalLong moment =
        dumpedAt == null ? OptionalLong.empty() : OptionalLong.of(dumpedAt.toEpochMilli());
    return new SyncOptions(lowerCase(types), moment, maxDeletes, allowEmpty, batch);
  }

  /** As types are stored. */
  static Set<String> lowerCase(List<String> types) {
    Set<String> given = types.stream().filter(type -> !type.isEmpty()).collect(Collectors.toSet());
    return new Filter(given, Set.of()).types();
  }

  private void send(Sync sync, InputStream lines, SyncBar bar, RunStop stop)
      throws IOException, InterruptedException, CommandFailure {
    sync.recover();
    Report report = sync.send(compare(sync, lines));
    stop.commit();
    bar.end();
    SyncReport shown = new SyncReport(report, false);
    access.server().print(json ? shown.json() : shown.text());
    requireNoneRefused(report.total().refused());
  }

  private static void requireNoneRefused(long objects) throws CommandFailure {
    if (objects > 0) {
      String what = objects == 1 ? "1 object was" : String.format("%,d objects were", objects);
      throw new CommandFailure(
          ExitCode.DATA,
          what
              + " left out, since the server refuses "
              + (objects == 1 ? "it" : "them")
              + ", and all others sent: raise the server's limits or mend the source, and run again");
    }
  }

  private Difference compare(Sync sync, InputStream lines)
      throws IOException, InterruptedException, CommandFailure {
    try {
      return sync.compare(lines);
    } catch (EmptyDumpException e) {
      throw unusable(e, "; --allow-empty believes it");
    } catch (BrokenLineException | BrokenInputException | DumpException e) {
      throw unusable(e, "");
    }
  }

  private CommandFailure unusable(IOException e, String advice) {
    String reason = e.getMessage() + "; nothing was sent" + advice;
    return new CommandFailure(ExitCode.DATA, OperationFile.name(file) + ": " + reason);
  }

  /** The difference on standard output, the report beside it. */
  private void look(Sync sync, InputStream lines, SyncBar bar, RunStop stop)
      throws IOException, InterruptedException, CommandFailure {
    Difference difference = compare(sync, lines);
    bar.end();
    print(difference);
    stop.commit();
    SyncReport shown = new SyncReport(difference.report(), true);
    access.server().err().println(json ? shown.json() : shown.text());
    access.server().err().flush();
    sync.requireFewDeletes(difference);
  }

  private void print(Difference difference) throws IOException, CommandFailure {
    OperationLines line = new OperationLines();
    difference.forEach(operation -> {
      line.clear();
      line.addOperation(operation);
      access.server().out().print(TerminalText.json(text(line)));
    });
    if (access.server().out().checkError()) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot write the output");
    }
  }

  private static String text(OperationLines line) {
    return new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8);
  }
}
