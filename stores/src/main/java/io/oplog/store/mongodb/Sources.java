package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.WriteModel;
import io.oplog.core.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * Where sources stand: in the collection as far as the fold is, and in memory what moved in blocks
 * that this process knows and has not seen folded. Thread-safe.
 */
final class Sources {
  private static final String POSITION = "position";

  private record Move(long number, String position) {}

  private final LogDatabase database;
  private final Map<String, Move> moved = new HashMap<>();

  Sources(LogDatabase database) {
    this.database = database;
  }

  /** A block is in the chain. */
  synchronized void add(Block block) {
    block.moves().forEach((source, to) -> moved.put(source, new Move(block.number(), to)));
  }

  /** The fold has reached a block, so the collection has all moves up to it. */
  synchronized void folded(long number) {
    moved.values().removeIf(move -> move.number() <= number);
  }

  /** Where a source stands at the end of the chain that was {@linkplain #add added}, or later. */
  Optional<String> position(String source) throws StoreException {
    String position = inMemory(source);
    // what is not in memory, or no longer, is stored
    return position == null ? stored(source) : Optional.of(position);
  }

  private synchronized @Nullable String inMemory(String source) {
    Move move = moved.get(source);
    return move == null ? null : move.position();
  }

  private Optional<String> stored(String source) throws StoreException {
    try {
      Document found = database.sources.find(eq("_id", source)).first();
      return found == null ? Optional.empty() : Optional.of(found.getString(POSITION));
    } catch (MongoException e) {
      throw Failures.unavailable("the source cannot be looked up", e);
    }
  }

  /** Writes moves, as a part of the fold. */
  void write(ClientSession session, Map<String, String> moves) {
    List<WriteModel<Document>> writes = new ArrayList<>();
    moves.forEach((source, to) ->
        writes.add(
            new ReplaceOneModel<>(
                eq("_id", source),
                new Document("_id", source).append(POSITION, to),
                new ReplaceOptions().upsert(true))));
    if (!writes.isEmpty()) {
      database.sources.bulkWrite(session, writes);
    }
  }
}
