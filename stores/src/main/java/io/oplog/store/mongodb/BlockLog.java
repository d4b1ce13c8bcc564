package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.gte;
import static com.mongodb.client.model.Filters.lt;
import static com.mongodb.client.model.Sorts.ascending;
import static com.mongodb.client.model.Sorts.descending;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoException;
import com.mongodb.client.MongoCursor;
import io.oplog.core.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The chain of blocks in its collection. A block that is too long for one document has its frames
 * in parts, which are there before it and mean nothing without it. Thread-safe.
 */
final class BlockLog {
  /** Half of what a document may have. */
  private static final int MOST_BYTES = 8 << 20;

  private static final String PARTS = "parts";
  private static final String BYTES = "bytes";

  private final Collections collections;

  BlockLog(Collections collections) {
    this.collections = collections;
  }

  /**
   * Puts a block at its place in the chain. May be repeated when the result was not heard.
   *
   * @return whether it is there; if not, another block has its place
   * @throws MongoException when that is not known
   */
  boolean insert(Block block) {
    Document document = block.toDocument();
    byte[] frames = document.get(Block.FRAMES, Binary.class).getData();
    if (frames.length > MOST_BYTES) {
      document.append(PARTS, insertParts(block.nonce(), frames)).remove(Block.FRAMES);
    }
    try {
      collections.log.insertOne(document);
      return true;
    } catch (MongoException e) {
      if (!isTaken(e)) {
        throw e;
      }
      return isStored(block);
    }
  }

  static boolean isTaken(MongoException e) {
    return ErrorCategory.fromErrorCode(e.getCode()) == ErrorCategory.DUPLICATE_KEY;
  }

  private int insertParts(ObjectId nonce, byte[] frames) {
    int parts = 0;
    for (int from = 0; from < frames.length; from += MOST_BYTES) {
      int to = Math.min(frames.length, from + MOST_BYTES);
      Binary bytes = new Binary(Arrays.copyOfRange(frames, from, to));
      Document part = new Document("_id", partId(nonce, parts++)).append(BYTES, bytes);
      try {
        collections.parts.insertOne(part);
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

  private boolean isStored(Block block) {
    Bson mine = and(eq("_id", block.number()), eq(Block.NONCE, block.nonce()));
    return collections.log.find(mine).projection(new Document("_id", 1)).first() != null;
  }

  /**
   * Reads the chain after a block.
   *
   * @param maxBytes stop after this many bytes of frames
   * @return blocks that follow each other; the first may not follow the asked one, where that has
   *     left the log
   */
  List<Block> after(long number, long maxBytes) throws StoreException {
    List<Block> blocks = new ArrayList<>();
    long bytes = 0;
    try (MongoCursor<Document> cursor =
        collections.log.find(gt("_id", number)).sort(ascending("_id")).batchSize(100).cursor()) {
      while (cursor.hasNext() && bytes < maxBytes) {
        Block block = block(cursor.next());
        if (!blocks.isEmpty() && block.number() != blocks.getLast().number() + 1) {
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
    Document found =
        collections
            .log
            .find(gte(Block.LAST, sequence))
            .sort(ascending(Block.LAST, "_id"))
            .limit(1)
            .first();
    if (found == null || found.getLong(Block.FIRST) > sequence) {
      return null;
    }
    return block(found);
  }

  /** Whether nothing follows a block. */
  boolean isLast(long number) {
    return collections.log.find(gt("_id", number)).projection(new Document("_id", 1)).first()
        == null;
  }

  /** The number of the last block; 0 when there is none. */
  long lastNumber() {
    Document found = newestWhere(new Document());
    return found == null ? 0 : found.getLong("_id");
  }

  /** The last block; null when there is none. */
  @Nullable Block last() throws StoreException {
    Document found = collections.log.find().sort(descending("_id")).limit(1).first();
    return found == null ? null : block(found);
  }

  /** Newest block that a filter takes, without its frames; null when there is none. */
  @Nullable Document newestWhere(Bson filter) {
    return collections
        .log
        .find(filter)
        .projection(new Document(Block.FRAMES, 0).append(Block.ENDS, 0))
        .sort(descending("_id"))
        .limit(1)
        .first();
  }

  /** Deletes blocks before a number, and their parts. */
  void deleteBefore(long number, int most) {
    List<Long> blocks = new ArrayList<>();
    List<String> parts = new ArrayList<>();
    for (Document block :
        collections
            .log
            .find(lt("_id", number))
            .projection(new Document(Block.NONCE, 1).append(PARTS, 1))
            .sort(ascending("_id"))
            .limit(most)) {
      blocks.add(block.getLong("_id"));
      for (int i = 0; i < block.getInteger(PARTS, 0); i++) {
        parts.add(partId(block.getObjectId(Block.NONCE), i));
      }
    }
    if (!blocks.isEmpty()) {
      collections.log.deleteMany(new Document("_id", new Document("$in", blocks)));
    }
    if (!parts.isEmpty()) {
      collections.parts.deleteMany(new Document("_id", new Document("$in", parts)));
    }
  }

  private Block block(Document stored) throws StoreException {
    int parts = stored.getInteger(PARTS, 0);
    if (parts > 0) {
      stored.append(Block.FRAMES, new Binary(joined(stored.getObjectId(Block.NONCE), parts)));
    }
    return Block.of(stored);
  }

  private byte[] joined(ObjectId nonce, int parts) throws StoreException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < parts; i++) {
      Document part = collections.parts.find(eq("_id", partId(nonce, i))).first();
      if (part == null) {
        throw new StoreException.Damaged(
            "a part of a block of the log is not there: restore a backup", null);
      }
      bytes.writeBytes(part.get(BYTES, Binary.class).getData());
    }
    return bytes.toByteArray();
  }
}
