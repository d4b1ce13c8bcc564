package io.oplog.server.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.oplog.server.http.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * {@code /denylist} and {@code /denylist/DATABASE}, as oplogtoredis has them: {@code GET}, {@code
 * PUT} and {@code DELETE}.
 */
final class DenyListPage {
  static final String PATH = "/denylist";

  /** Of MongoDB on any system but Windows, which has some more. */
  private static final String NOT_IN_NAMES = "/\\. \"$\0";

  private static final int MOST_NAME_BYTES = 63;
  private static final String NO_NAME =
      "no database is called that: a name has at most 63 bytes, and none of / \\ . \" $ or blanks\n";

  private static final JsonFactory JSON = new JsonFactory();

  private final DenyLists list;

  DenyListPage(DenyLists list) {
    this.list = list;
  }

  /**
   * Answers.
   *
   * @param path of the request, decoded
   */
  Page page(String method, String path) throws InterruptedException {
    try {
      String database = database(path);
      return database.isEmpty() ? all(method) : one(method, database);
    } catch (IOException e) {
      return Page.text(503, e.getMessage() + "\n");
    }
  }

  /** The methods of a path. */
  static String allowed(String path) {
    return database(path).isEmpty() ? "GET, HEAD" : "GET, HEAD, PUT, DELETE";
  }

  private static String database(String path) {
    return path.equals(PATH) ? "" : path.substring(PATH.length() + 1);
  }

  private Page all(String method) throws IOException, InterruptedException {
    return switch (method) {
      case "GET", "HEAD" -> json();
      default -> Page.text(405, "the whole list can only be read\n");
    };
  }

  private Page one(String method, String database) throws IOException, InterruptedException {
    if (!isName(database)) {
      return Page.text(400, NO_NAME);
    }
    return switch (method) {
      case "GET", "HEAD" ->
          found(list.databases().contains(database), Page.text(200, database + "\n"));
      case "PUT" -> list.add(database) ? Page.text(201, "") : Page.text(204, "");
      case "DELETE" -> found(list.remove(database), Page.text(204, ""));
      default -> Page.text(405, method + " is not for a database\n");
    };
  }

  /** Whether MongoDB would have a database of that name. */
  private static boolean isName(String database) {
    return database.getBytes(UTF_8).length <= MOST_NAME_BYTES
        && database.chars().noneMatch(c -> NOT_IN_NAMES.indexOf(c) >= 0);
  }

  private static Page found(boolean isThere, Page page) {
    return isThere ? page : Page.text(404, "it is not in the list\n");
  }

  private Page json() throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartArray();
      list.databases().forEach(json::writeString);
      json.writeEndArray();
    }
    bytes.write('\n');
    return Page.json(bytes.toByteArray());
  }
}
