package io.oplog.server.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code oplog serve}. */
@Command(name = "serve")
final class Serve implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
