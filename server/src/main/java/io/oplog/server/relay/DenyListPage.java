package io.oplog.server.relay;

import io.oplog.connector.redis.DenyList;
import io.oplog.server.http.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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

  private final DenyList list;

  DenyListPage(DenyList list) {
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
      return Pages.text(503, e.getMessage() + "\n");
    }
  }

  private Page all(String method) throws IOException, InterruptedException {
    return method.equals("GET") ? json() : Pages.text(405, "only GET is for the whole list\n");
  }

  private Page one(String method, String database) throws IOException, InterruptedException {
    return switch (method) {
      case "GET" -> found(list.databases().contains(database), Pages.text(200, database + "\n"));
      case "PUT" -> list.add(database) ? Pages.text(201, "") : Pages.text(204, "");
      case "DELETE" -> found(list.remove(database), Pages.text(204, ""));
      default -> Pages.text(405, "GET, PUT and DELETE are for a database\n");
    };
  }

  private static Page found(boolean isThere, Page page) {
    return isThere ? page : Pages.text(404, "it is not in the list\n");
  }

  private Page json() throws IOException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartArray();
      list.databases().forEach(json::writeString);
      json.writeEndArray();
    }
    return new Page(
        200,
        "application/json",
        (bytes.toString(StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
