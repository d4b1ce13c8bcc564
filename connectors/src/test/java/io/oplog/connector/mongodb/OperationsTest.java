package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.Test;

/** Transactions of one entry or many, as mongod writes them. */
final class OperationsTest {
  private static final String SESSION =
      "lsid: {id: {$uuid: 'd87a6c1b-4a0e-4e3c-9a3e-0c4a5b6d7e8f'}}";

  private final Map<Long, Entry> log = new HashMap<>();
  private final List<Long> read = new ArrayList<>();

  private static String time(int second) {
    return "{$timestamp: {t: " + second + ", i: 1}}";
  }

  private static long value(int second) {
    return ((long) second << 32) + 1;
  }

  private Entry entry(int second, int number, int before, String object) {
    String text =
        "{op: 'c', ns: 'admin.$cmd', ts: "
            + time(second)
            + ", wall: {$date: '2025-11-21T19:43:26.500Z'}, "
            + SESSION
            + ", txnNumber: {$numberLong: '"
            + number
            + "'}, prevOpTime: {ts: "
            + (before == 0 ? "{$timestamp: {t: 0, i: 0}}" : time(before))
            + ", t: {$numberLong: '1'}}, o: "
            + object
            + "}";
    Entry entry = new Entry(RawBsonDocument.parse(text));
    log.put(entry.time(), entry);
    return entry;
  }

  private static String applied(String marks, int... ids) {
    StringBuilder inserts = new StringBuilder();
    for (int id : ids) {
      inserts.append("{op: 'i', ns: 'app.x', o: {_id: ").append(id).append("}},");
    }
    return "{applyOps: [" + inserts + "]" + marks + "}";
  }

  private Entry found(long time, boolean isWhole) throws IOException {
    Entry entry = log.get(time);
    if (entry == null) {
      throw new PositionLostException("gone");
    }
    if (isWhole) {
      read.add(time);
    }
    return entry;
  }

  private List<Integer> ids(Entry entry) throws Exception {
    Operations operations = new Operations(entry, this::found);
    List<Integer> ids = new ArrayList<>();
    RawBsonDocument operation = operations.next();
    while (operation != null) {
      ids.add(operation.getDocument("o").getInt32("_id").getValue());
      operation = operations.next();
    }
    assertThat(operations.next()).isNull();
    return ids;
  }

  @Test
  void anEntryAloneIsItsOwnOperations() throws Exception {
    assertThat(ids(entry(5, 1, 0, applied(", count: 2", 1, 2)))).containsExactly(1, 2);
    Entry insert = new Entry(RawBsonDocument.parse("{op: 'i', ns: 'app.x', o: {_id: 3}}"));
    assertThat(ids(insert)).containsExactly(3);
    assertThat(read).isEmpty();
  }

  @Test
  void aTransactionOfManyEntriesIsVisibleWithTheLastInTheirOrder() throws Exception {
    Entry first = entry(5, 1, 0, applied(", partialTxn: true", 1, 2));
    Entry second = entry(7, 1, 5, applied(", partialTxn: true", 3));
    Entry last = entry(9, 1, 7, applied(", count: 5", 4, 5));
    assertThat(ids(first)).isEmpty();
    assertThat(ids(second)).isEmpty();
    assertThat(ids(last)).containsExactly(1, 2, 3, 4, 5);
    assertThat(read).containsExactly(value(5), value(7));
  }

  /** Of its entries one is in memory at a time. */
  @Test
  void anEntryIsReadWhenThoseBeforeAreTold() throws Exception {
    entry(5, 1, 0, applied(", partialTxn: true", 1));
    entry(7, 1, 5, applied(", partialTxn: true", 3));
    Operations operations = new Operations(entry(9, 1, 7, applied(", count: 3", 4)), this::found);
    assertThat(operations.next()).isNotNull();
    assertThat(read).containsExactly(value(5));
  }

  @Test
  void aPreparedTransactionIsVisibleWithItsCommit() throws Exception {
    entry(5, 1, 0, applied(", partialTxn: true", 1));
    Entry prepared = entry(7, 1, 5, applied(", prepare: true, count: 2", 2));
    Entry commit = entry(20, 1, 7, "{commitTransaction: 1, commitTimestamp: " + time(8) + "}");
    assertThat(ids(prepared)).isEmpty();
    // the commit itself is a command, and tells nothing
    Operations operations = new Operations(commit, this::found);
    assertThat(operations.next()).isNotNull();
    assertThat(operations.next()).isNotNull();
    assertThat(operations.next()).isEqualTo(commit.document());
    assertThat(operations.next()).isNull();
  }

  /** Writes that may be tried again name the one before as well, as do those applied together. */
  @Test
  void whatIsNoPartOfTheTransactionIsNotTakenForOne() throws Exception {
    entry(5, 1, 0, applied("", 1));
    assertThat(ids(entry(7, 1, 5, applied(", multiOpType: 1", 2)))).containsExactly(2);
    entry(9, 2, 0, applied(", partialTxn: true", 3));
    assertThat(ids(entry(11, 3, 9, applied("", 4)))).containsExactly(4);
  }

  @Test
  void aBeginningThatIsGoneIsALostPosition() {
    entry(7, 1, 5, applied(", partialTxn: true", 2));
    Entry last = entry(9, 1, 7, applied("", 3));
    assertThatThrownBy(() -> ids(last)).isInstanceOf(PositionLostException.class);
  }

  @Test
  void aCommitOfNothingIsRefused() {
    Entry commit = entry(20, 1, 0, "{commitTransaction: 1}");
    assertThatThrownBy(() -> ids(commit))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(PositionLostException.class)
        .hasMessageContaining("000000140000000100000000");
  }
}
