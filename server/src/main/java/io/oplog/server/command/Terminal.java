package io.oplog.server.command;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether people watch. */
final class Terminal {
  private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  /** Java knows only of input and output together, so Linux is asked first. */
  static boolean isStandardError() {
    try {
      String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return isConsole();
    }
  }

  @SuppressWarnings("SystemConsoleNull") // it may be null, as its documentation says
  private static boolean isConsole() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
