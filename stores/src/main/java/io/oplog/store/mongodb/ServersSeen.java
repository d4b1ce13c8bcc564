package io.oplog.store.mongodb;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the driver has seen of the servers, which it tells in the message of a wait that was over
 * and nowhere else: long, and with the names of its classes.
 */
final class ServersSeen {
  private static final Pattern SERVER =
      Pattern.compile("\\{address=([^,]+), type=(\\w+)(.*?)(?=\\{address=|$)", Pattern.DOTALL);
  private static final Pattern CAUSE = Pattern.compile("\\{([\\w.$]+): ([^}]*)\\}");
  private static final Pattern LOOK_UP =
      Pattern.compile("srvResolutionException=[\\w.]+: (.*?)\\.?, servers=");

  private ServersSeen() {}

  /** Each server and what is wrong with it; nothing where the message says something else. */
  static Optional<String> in(String message) {
    List<String> seen = new ArrayList<>();
    Matcher lookUp = LOOK_UP.matcher(message);
    if (lookUp.find()) {
      seen.add(lookUp.group(1));
    }
    Matcher server = SERVER.matcher(message);
    while (server.find()) {
      seen.add(server.group(1) + ": " + state(server.group(2), server.group(3)));
    }
    return seen.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", seen));
  }

  private static String state(String type, String rest) {
    Matcher causes = CAUSE.matcher(rest);
    String words = type.equals("UNKNOWN") ? "no answer yet" : "is " + type;
    while (causes.find()) { // the last is where it began
      words = words(causes.group(1), causes.group(2));
    }
    return words;
  }

  private static String words(String type, String message) {
    if (type.endsWith("UnknownHostException")) {
      return "no such host";
    }
    if (type.endsWith("TimeoutException")) {
      return "no answer";
    }
    if (type.contains("SSL") || type.contains("CertPath") || type.endsWith("ValidatorException")) {
      return "its TLS certificate is not accepted ("
          + message
          + "): name a trust store that has its CA, as in"
          + " OPLOG_JAVA_OPTS=-Djavax.net.ssl.trustStore=FILE";
    }
    return message;
  }
}
