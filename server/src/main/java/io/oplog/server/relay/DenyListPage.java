package io.oplog.server.relay;

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
      String database = path.equals(PATH) ? "" : path.substring(PATH.length() + 1);
      return database.isEmpty() ? all(method) : one(method, database);
    } catch (IOException e) {
      return Page.text(503, e.getMessage() + "\n");
    }
  }

  private Page all(String method) throws IOException, InterruptedException {
    return method.equals("GET") ? json() : Page.text(405, "only GET is for the whole list\n");
  }

  private Page one(String method, String database) throws IOException, InterruptedException {
    return switch (method) {
      case "GET" -> found(list.databases().contains(database), Page.text(200, database + "\n"));
      case "PUT" -> list.add(database) ? Page.text(201, "") : Page.text(204, "");
      case "DELETE" -> found(list.remove(database), Page.text(204, ""));
      default -> Page.text(405, "GET, PUT and DELETE are for a database\n");
    };
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
