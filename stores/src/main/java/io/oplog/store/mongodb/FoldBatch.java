package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.in;

import com.mongodb.client.ClientSession;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.WriteModel;
import io.oplog.protocol.FrameFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bson.Document;

/**
 * A run of operations that is folded in one write. Several operations of one object become one, but
 * every one of them is looked at for the parents that it no longer names. Used for one write, which
 * may be tried again.
 */
final class FoldBatch {
  private static final int MOST_OPERATIONS = 2000;
  private static final int MOST_BYTES = 2 << 20;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Folded(
      String key,
      long sequence,
      long millis,
      byte[] frame,
      FrameFields fields,
      List<String> parents) {}

  private final List<Folded> operations = new ArrayList<>();
  private final Map<String, String> moves = new TreeMap<>();
  private final List<Opening> openings = new ArrayList<>();
  private final long limit;
  private FoldPlace end;
  private int bytes;

  /**
   * @param limit sequence of the last operation that it may take
   */
  FoldBatch(FoldPlace from, long limit) {
    this.end = from;
    this.limit = limit;
  }

  /** Where the fold is after this batch. */
  FoldPlace end() {
    return end;
  }

  /** Takes the next block, or as much of it as there is room for; false when that was not all. */
  boolean take(Block block) {
    int skip = (int) Math.max(0, end.sequence() + 1 - block.first());
    for (int i = skip; i < block.frames().count(); i++) {
      if (isFull() || block.first() + i > limit) {
        return false;
      }
      take(block, i);
    }
    moves.putAll(block.moves());
    if (block.opening()) {
      openings.add(new Opening(block.last(), block.millis() / 1000));
    }
    end = new FoldPlace(block.number(), end.sequence(), end.millis());
    return true;
  }

  /** Whether it has no room for more. */
  boolean isFull() {
    return operations.size() >= MOST_OPERATIONS || bytes >= MOST_BYTES;
  }

  private void take(Block block, int index) {
    int start = block.frames().start(index);
    int to = block.frames().ends()[index];
    byte[] frame = Arrays.copyOfRange(block.frames().bytes(), start, to);
    FrameFields fields = new FrameFields().reset(frame, 0, frame.length);
    long sequence = block.first() + index;
    operations.add(
        new Folded(
            StateDocument.key(fields),
            sequence,
            block.millis(),
            frame,
            fields,
            List.copyOf(fields.parents())));
    bytes += frame.length;
    end = new FoldPlace(end.number(), sequence, block.millis());
  }

  /** Writes it, beside the fold's new place that the caller has written. */
  void write(LogDatabase database, Sources sources, ClientSession session) {
    writeStates(database, session);
    sources.write(session, moves);
    for (Opening opening : openings) {
      Opening.push(database, session, opening);
    }
  }

  private void writeStates(LogDatabase database, ClientSession session) {
    if (operations.isEmpty()) {
      return;
    }
    Map<String, List<String>> parents = storedParents(database, session);
    Map<String, Folded> newest = new LinkedHashMap<>();
    List<Document> left = new ArrayList<>();
    for (Folded operation : operations) {
      List<String> before = parents.put(operation.key(), operation.parents());
      addLeft(left, operation, before == null ? List.of() : before);
      newest.put(operation.key(), operation);
    }
    database.objects.bulkWrite(
        session, newest.values().stream().map(FoldBatch::write).toList(), unordered());
    if (!left.isEmpty()) {
      database.left.insertMany(session, left);
    }
  }

  private static BulkWriteOptions unordered() {
    return new BulkWriteOptions().ordered(false);
  }

  private Map<String, List<String>> storedParents(LogDatabase database, ClientSession session) {
    List<String> keys = operations.stream().map(Folded::key).distinct().toList();
    Map<String, List<String>> parents = new HashMap<>();
    for (Document object :
        database
            .objects
            .find(session, in("_id", keys))
            .projection(new Document(StateDocument.PARENTS, 1))) {
      parents.put(object.getString("_id"), object.getList(StateDocument.PARENTS, String.class));
    }
    return parents;
  }

  private static void addLeft(List<Document> left, Folded operation, List<String> before) {
    List<String> gone = new ArrayList<>(before);
    gone.removeAll(operation.parents());
    if (!gone.isEmpty()) {
      left.add(
          LeftDocument.of(
              operation.sequence(),
              operation.millis(),
              operation.key(),
              operation.fields().type(),
              gone));
    }
  }

  private static WriteModel<Document> write(Folded operation) {
    Document state =
        StateDocument.of(
            operation.key(),
            operation.sequence(),
            operation.millis(),
            operation.fields(),
            operation.parents(),
            operation.frame());
    return new ReplaceOneModel<>(
        eq("_id", operation.key()), state, new ReplaceOptions().upsert(true));
  }
}
