package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Sorts.ascending;
import static com.mongodb.client.model.Sorts.descending;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoCursor;
import io.oplog.core.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The chain of blocks in its collection. A block that is too long for one document has its frames
 * in parts, which are there before it and mean nothing without it. Thread-safe.
 *
 * <p>Only what lies at or after the log's start counts, and the start is looked up <em>after</em> a
 * block was read or inserted. An agent that stood still may insert at a number whose block was
 * dropped meanwhile, where no key stops it: the start, which moves before anything is deleted,
 * tells it and every reader that this is no part of the chain.
 *
 * <p>A primary that was deposed and does not know it yet answers with what a majority had before.
 * Where nothing else would show that, a write to a majority comes before the question.
 */
final class BlockLog {
  /** Half of what a document may have. */
  private static final int MOST_BYTES = 8 << 20;

  /** In a part: the number of the block that it was made for. */
  static final String NUMBER = "number";

  private static final String PARTS = "parts";
  private static final Bson ALL = new Document();
  private static final Bson ID_ALONE = new Document("_id", 1);
  private static final Bson WITHOUT_FRAMES = new Document(Block.FRAMES, 0).append(Block.ENDS, 0);
  private static final String BYTES = "bytes";

  private final LogDatabase database;

  BlockLog(LogDatabase database) {
    this.database = database;
  }

  /**
   * Puts a block at its place in the chain. May be repeated when the result was not heard.
   *
   * @return whether it is known to be in the chain; if not, its place is taken, by another block or
   *     by itself at a time when the result was not heard
   * @throws MongoException when that is not known
   */
  boolean insert(Block block) {
    return put(block) && block.number() >= start();
  }

  /** Number of the first block that counts. */
  private long start() {
    return LogStart.read(database).number();
  }

  private boolean put(Block block) {
    Document document = block.toDocument();
    byte[] frames = document.get(Block.FRAMES, Binary.class).getData();
    if (frames.length > MOST_BYTES) {
      document.append(PARTS, putParts(block, frames)).remove(Block.FRAMES);
    }
    try {
      database.log.insertOne(document);
      return true;
    } catch (MongoException e) {
      if (!isTaken(e)) {
        throw e;
      }
      return false;
    }
  }

  static boolean isTaken(MongoException e) {
    return ErrorCategory.fromErrorCode(e.getCode()) == ErrorCategory.DUPLICATE_KEY;
  }

  private int putParts(Block block, byte[] frames) {
    int parts = 0;
    for (int from = 0; from < frames.length; from += MOST_BYTES) {
      int to = Math.min(frames.length, from + MOST_BYTES);
      Binary bytes = new Binary(Arrays.copyOfRange(frames, from, to));
      Document part =
          new Document("_id", partId(block.nonce(), parts++))
              .append(NUMBER, block.number())
              .append(BYTES, bytes);
      try {
        database.parts.insertOne(part);
      } catch (MongoException e) {
        if (!isTaken(e)) { // by an earlier try of ours: the nonce is nobody else's
          throw e;
        }
      }
    }
    return parts;
  }

  private static String partId(ObjectId nonce, int part) {
    return nonce.toHexString() + "/" + part;
  }

  /**
   * Reads the chain after a block, or from its start where that block's successor has left the log.
   *
   * @param maxBytes stop after this many bytes of frames
   * @return blocks that follow each other
   * @throws StoreException.Damaged when the successor is missing though others follow
   */
  List<Block> after(long number, long maxBytes) throws StoreException {
    List<Block> blocks = stored(number, maxBytes);
    long start = start();
    if (number + 1 < start) {
      return after(start - 1, maxBytes);
    }
    if (blocks.isEmpty() || blocks.getFirst().number() == number + 1) {
      return blocks;
    }
    requireStored(number + 1);
    return after(number, maxBytes);
  }

  /** A scan may pass a place before its block is there, and yet meet the next one. */
  private void requireStored(long number) throws StoreException.Damaged {
    boolean stored = database.log.find(eq("_id", number)).projection(ID_ALONE).first() != null;
    if (!stored && number >= start()) {
      throw new StoreException.Damaged(
          "block " + number + " of the log is missing: restore a backup", null);
    }
  }

  private List<Block> stored(long number, long maxBytes) throws StoreException {
    List<Block> blocks = new ArrayList<>();
    long bytes = 0;
    try (MongoCursor<Document> cursor =
        database.log.find(gt("_id", number)).sort(ascending("_id")).batchSize(100).cursor()) {
      while (cursor.hasNext() && bytes < maxBytes) {
        Block block = block(cursor.next());
        if (block == null
            || (!blocks.isEmpty() && block.number() != blocks.getLast().number() + 1)) {
          break;
        }
        blocks.add(block);
        bytes += block.frames().length() + 100;
      }
    }
    return blocks;
  }

  /** The block that holds an operation; null when it is not in the log. */
  @Nullable Block holding(long sequence) throws StoreException {
    Document found = holding(sequence, 0, ALL);
    return found == null ? null : block(found);
  }

  /** When an operation was committed; empty when it is not in the log. */
  OptionalLong millis(long sequence) {
    Document found = holding(sequence, 0, WITHOUT_FRAMES);
    return found == null ? OptionalLong.empty() : OptionalLong.of(found.getLong(Block.MILLIS));
  }

  private @Nullable Document holding(long sequence, long from, Bson fields) {
    Document found =
        database
            .log
            .find(and(gte(Block.LAST, sequence), gte("_id", from)))
            .projection(fields)
            .sort(ascending(Block.LAST, "_id"))
            .limit(1)
            .first();
    long start = start();
    if (found != null && found.getLong("_id") < start) {
      return holding(sequence, start, fields);
    }
    return found == null || found.getLong(Block.FIRST) > sequence ? null : found;
  }

  /** Whether nothing follows a block, whichever server is asked. */
  boolean isLast(long number) {
    database.probe();
    return database.log.find(gt("_id", number)).projection(ID_ALONE).first() == null;
  }

  /** The number of the last block, whichever server is asked; 0 when there is none. */
  long lastNumber() {
    database.probe();
    Document found =
        database.log.find().projection(ID_ALONE).sort(descending("_id")).limit(1).first();
    return found == null ? 0 : found.getLong("_id");
  }

  /** The last block; null when there is none. */
  @Nullable Block last() throws StoreException {
    Document found = database.log.find().sort(descending("_id")).limit(1).first();
    return found == null ? null : block(found);
  }

  /** A block as it is stored, without its frames; null when it is not there. */
  @Nullable Document withoutFrames(long number) {
    return database.log.find(eq("_id", number)).projection(WITHOUT_FRAMES).first();
  }

  /**
   * Deletes blocks before a number, and parts that were made for such.
   *
   * @param most how many of each
   * @return whether there may be more
   */
  boolean deleteBefore(long number, int most) {
    int blocks = deleteOldest(database.log, "_id", number, most);
    int parts = deleteOldest(database.parts, NUMBER, number, most);
    return blocks == most || parts == most;
  }

  private static int deleteOldest(
      MongoCollection<Document> from, String place, long before, int most) {
    List<Object> ids =
        from.find(lt(place, before))
            .projection(ID_ALONE)
            .sort(ascending(place))
            .limit(most)
            .map(found -> found.get("_id"))
            .into(new ArrayList<>());
    if (!ids.isEmpty()) {
      from.deleteMany(in("_id", ids));
    }
    return ids.size();
  }

  /** Whether a stored block needs no parts. */
  static boolean isWhole(Document stored) {
    return !stored.containsKey(PARTS);
  }

  /** Null when it has left the log. */
  private @Nullable Block block(Document stored) throws StoreException {
    int parts = stored.getInteger(PARTS, 0);
    if (parts > 0) {
      byte[] frames = joined(stored.getObjectId(Block.NONCE), parts);
      if (frames == null) {
        requireLeft(stored.getLong("_id"));
        return null;
      }
      stored.append(Block.FRAMES, new Binary(frames));
    }
    return Block.of(stored);
  }

  private void requireLeft(long number) throws StoreException.Damaged {
    if (number >= start()) {
      throw new StoreException.Damaged(
          "a part of block " + number + " of the log is missing: restore a backup", null);
    }
  }

  /** Null when a part is not there. */
  private byte @Nullable [] joined(ObjectId nonce, int parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < parts; i++) {
      Document part = database.parts.find(eq("_id", partId(nonce, i))).first();
      if (part == null) {
        return null;
      }
      bytes.writeBytes(part.get(BYTES, Binary.class).getData());
    }
    return bytes.toByteArray();
  }
}
