package io.oplog.server.command;

import io.oplog.server.config.ListenAddress;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/** Why an address cannot be listened on, in the words of its user rather than of the system. */
final class ListenFailure {
  private static final String OTHER = "choose another address with --listen";

  private ListenFailure() {}

  static CommandFailure of(ListenAddress address, IOException e) {
    Throwable root = root(e);
    String text = String.valueOf(root.getMessage()).toLowerCase(Locale.ROOT);
    if (root instanceof UnknownHostException || root instanceof UnresolvedAddressException) {
      return failure(ExitCode.CONFIGURATION, address, "no such host", OTHER);
    }
    if (text.contains("permission denied")) {
      return failure(ExitCode.CONFIGURATION, address, "permission denied", OTHER);
    }
    if (text.contains("cannot assign requested address")) {
      return failure(ExitCode.CONFIGURATION, address, "not an address of this machine", OTHER);
    }
    if (text.contains("address already in use")) {
      String remedy = "stop what has that address, or choose another with --listen";
      return failure(ExitCode.UNAVAILABLE, address, "address in use", remedy);
    }
    return failure(ExitCode.UNAVAILABLE, address, text, OTHER);
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  private static CommandFailure failure(
      int code, ListenAddress address, String reason, String remedy) {
    return new CommandFailure(code, "cannot listen on " + address + ": " + reason + "; " + remedy);
  }
}
