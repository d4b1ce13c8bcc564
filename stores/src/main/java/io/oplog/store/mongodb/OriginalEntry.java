package io.oplog.store.mongodb;

import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * An operation, or an object's state, as the original stored it: {@code {event, data: {ts, p, t,
 * id}}}. Nothing is taken for granted: every field may lack or have another type.
 */
final class OriginalEntry {
  private static final String DELETE = "delete";

  private final Document stored;
  private final Document data;

  OriginalEntry(Document stored) {
    this.stored = stored;
    this.data = stored.get("data") instanceof Document found ? found : new Document();
  }

  /** As the original names its states. */
  String key() {
    return data.get("t") + "/" + data.get("id");
  }

  Object id() {
    return Objects.requireNonNull(stored.get("_id")); // every document has one
  }

  /** When a state was stored, milliseconds since the epoch; 0 where that was not kept. */
  long millis() {
    return stored.get("ts") instanceof Date date ? date.toInstant().toEpochMilli() : 0;
  }

  /** Whether an object is the same after both; of insert and update a state keeps no difference. */
  boolean leavesAs(OriginalEntry state) {
    return isDelete() == state.isDelete()
        && Objects.equals(data.get("ts"), state.data.get("ts"))
        && parents().equals(state.parents());
  }

  private boolean isDelete() {
    return DELETE.equals(stored.get("event"));
  }

  private List<?> parents() {
    return data.get("p") instanceof List<?> list ? list : List.of();
  }

  /**
   * In our terms.
   *
   * @throws InvalidOperationException when a producer could not send it
   */
  Operation toOperation(OperationReader reader) throws InvalidOperationException {
    byte[] json = json().toJson().getBytes(StandardCharsets.UTF_8);
    List<Operation> read = new ArrayList<>();
    reader.readNdjson(json, 0, json.length, 0, read::add);
    return read.getFirst();
  }

  private Document json() {
    return new Document("event", stored.get("event"))
        .append("type", data.get("t"))
        .append("id", data.get("id"))
        .append("parents", data.get("p"))
        .append("timestamp", timestamp());
  }

  private @Nullable Object timestamp() {
    Object ts = data.get("ts");
    return ts instanceof Date date ? date.toInstant().toString() : ts;
  }

  @Override
  public String toString() {
    return String.valueOf(stored.get("event")) + " " + key();
  }
}
