package io.oplog.store.mongodb;

import io.oplog.core.store.LogBatch;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.Frames;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.bson.Document;
import org.bson.types.Binary;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * A link of the chain: operations that were appended together, and where their sources stand then.
 * One without operations moves sources, or records that a store was opened.
 *
 * @param number its place in the chain, from 1
 * @param nonce tells this attempt to append from all others
 * @param agent who made it
 * @param before the end of the chain that it follows
 * @param millis when it was committed, milliseconds since the epoch
 * @param opening whether a store was opened here
 * @param moves the new position of each source that moved
 * @param frames the operations, with their ids in place
 */
record Block(
    long number,
    ObjectId nonce,
    ObjectId agent,
    Place before,
    long millis,
    boolean opening,
    Map<String, String> moves,
    Frames frames) {

  static final String FIRST = "first";
  static final String NONCE = "nonce";
  static final String AGENT = "agent";
  static final String MILLIS = "millis";
  static final String BEFORE = "bytesBefore";
  static final String BYTES = "bytes";
  static final String LAST = "last";
  private static final String OPENING = "opening";
  private static final String MOVES = "moves";
  private static final String SOURCE = "source";
  private static final String POSITION = "position";
  static final String ENDS = "ends";
  static final String FRAMES = "frames";
  private static final String CHECKSUM = "crc";

  /** The first operation's sequence, or the next one's when there is none here. */
  long first() {
    return before.sequence() + 1;
  }

  long last() {
    return before.sequence() + frames.count();
  }

  /** The end of the chain with this block. */
  Place end() {
    return new Place(number, last(), millis, before.bytes() + frames.length());
  }

  /** Its operations; null when it has none. */
  @Nullable LogBatch toBatch() {
    return frames.count() == 0 ? null : new LogBatch(first(), millis, frames);
  }

  Document toDocument() {
    byte[] ends = ends();
    byte[] bytes = bytes();
    return new Document("_id", number)
        .append(NONCE, nonce)
        .append(AGENT, agent)
        .append(FIRST, first())
        .append(LAST, last())
        .append(MILLIS, millis)
        .append(BEFORE, before.bytes())
        .append(BYTES, (long) frames.length())
        .append(OPENING, opening)
        .append(MOVES, movesToDocuments())
        .append(ENDS, new Binary(ends))
        .append(FRAMES, new Binary(bytes))
        .append(CHECKSUM, checksum(ends, bytes));
  }

  private byte[] bytes() {
    return frames.bytes().length == frames.length()
        ? frames.bytes()
        : Arrays.copyOf(frames.bytes(), frames.length());
  }

  private byte[] ends() {
    ByteBuffer ends = ByteBuffer.allocate(Integer.BYTES * frames.count());
    ends.asIntBuffer().put(frames.ends());
    return ends.array();
  }

  private List<Document> movesToDocuments() {
    List<Document> documents = new ArrayList<>();
    moves.forEach((source, position) ->
        documents.add(new Document(SOURCE, source).append(POSITION, position)));
    return documents;
  }

  private static long checksum(byte[] ends, byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(ends);
    crc.update(bytes);
    return crc.getValue();
  }

  /**
   * Reads a stored block.
   *
   * @throws StoreException.Damaged when it is not what was written
   */
  static Block of(Document stored) throws StoreException.Damaged {
    long number = stored.getLong("_id");
    byte[] ends = stored.get(ENDS, Binary.class).getData();
    byte[] bytes = stored.get(FRAMES, Binary.class).getData();
    if (stored.getLong(CHECKSUM) != checksum(ends, bytes)) {
      throw new StoreException.Damaged(
          "block " + number + " of the log is not what was written: restore a backup", null);
    }
    Place before = new Place(number - 1, stored.getLong(FIRST) - 1, 0, stored.getLong(BEFORE));
    return new Block(
        number,
        stored.getObjectId(NONCE),
        stored.getObjectId(AGENT),
        before,
        stored.getLong(MILLIS),
        stored.getBoolean(OPENING),
        moves(stored),
        new Frames(bytes, ints(ends)));
  }

  private static int[] ints(byte[] bytes) {
    int[] ints = new int[bytes.length / Integer.BYTES];
    ByteBuffer.wrap(bytes).asIntBuffer().get(ints);
    return ints;
  }

  private static Map<String, String> moves(Document stored) {
    Map<String, String> moves = new TreeMap<>();
    for (Document move : stored.getList(MOVES, Document.class)) {
      moves.put(move.getString(SOURCE), move.getString(POSITION));
    }
    return moves;
  }
}
