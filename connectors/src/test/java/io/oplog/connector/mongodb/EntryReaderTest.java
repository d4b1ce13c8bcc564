package io.oplog.connector.mongodb;

import static io.oplog.connector.mongodb.TestDatabase.document;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentChange.Document;
import io.oplog.connector.document.DocumentChange.Gone;
import io.oplog.connector.document.DocumentChange.Kind;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespacePattern;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries as mongod writes them, and what a change stream tells of them. */
final class EntryReaderTest {
  private static final long TIME = 0x6920_c0de_0000_0002L;
  private static final String UI = "ui: {$uuid: 'd87a6c1b-4a0e-4e3c-9a3e-0c4a5b6d7e8f'}, ";
  private static final String AT =
      "ts: {$timestamp: {t: 1763754206, i: 2}}, t: {$numberLong: '7'}, v: {$numberLong: '2'},"
          + " wall: {$date: '2025-11-21T19:43:26.500Z'}";

  private final List<NamespacePattern> unwanted = new ArrayList<>();

  private List<DocumentChange> read(String entry) throws IOException {
    return read(entry, new AllFields());
  }

  private List<DocumentChange> read(String entry, Fields fields) throws IOException {
    NamespaceFilter filter = NamespaceFilter.of(List.of(), unwanted);
    WantedFields wanted = new WantedFields(new DocumentNeeds(filter, _ -> fields, false));
    EntryReader reader = new EntryReader(wanted, new ChangeClock(new ChangeTime(TIME, -1)));
    Entry read = new Entry(RawBsonDocument.parse("{" + entry + ", " + AT + "}"));
    List<DocumentChange> changes = new ArrayList<>();
    for (RawBsonDocument operation : read.operations()) {
      changes.addAll(reader.read(operation, read));
    }
    return changes;
  }

  private Document only(String entry) throws IOException {
    List<DocumentChange> changes = read(entry);
    assertThat(changes).hasSize(1);
    return document(changes.getFirst());
  }

  private static BsonDocument bson(String json) {
    return BsonDocument.parse(json);
  }

  private static Namespace users() {
    return new Namespace("app", "users");
  }

  private static String update(String object) {
    return "op: 'u', ns: 'app.users', " + UI + "o: " + object + ", o2: {_id: 1}";
  }

  @Test
  void anInsertHasItsDocument() throws Exception {
    assertThat(only("op: 'i', ns: 'app.users', " + UI + "o: {_id: 1, a: 2}"))
        .isEqualTo(
            new Document(
                Kind.INSERT,
                users(),
                new BsonInt32(1),
                List.of(),
                bson("{_id: 1, a: 2}"),
                null,
                new ChangeTime(TIME, 0),
                1_763_754_206_500L));
  }

  @Test
  void anUpdateNamesItsFieldsAndHasNoDocument() throws Exception {
    for (String object :
        List.of("{$v: 2, diff: {u: {a: 1}, sb: {i: {c: 1}}}}", "{$v: 1, $set: {a: 1, 'b.c': 1}}")) {
      Document change = only(update(object));
      assertThat(change.kind()).isEqualTo(Kind.UPDATE);
      assertThat(change.id()).isEqualTo(new BsonInt32(1));
      assertThat(change.fields()).containsExactly("a", "b.c");
      assertThat(change.document()).isNull();
    }
  }

  /** It may have such names at its top since 5.0. */
  @Test
  void whatHasAnIdReplacesTheDocumentWhateverItsFieldsAreCalled() throws Exception {
    for (String object : List.of("{_id: 1, z: 1}", "{_id: 1}", "{_id: 1, $v: 2, $set: {a: 1}}")) {
      Document change = only(update(object));
      assertThat(change.kind()).isEqualTo(Kind.REPLACE);
      assertThat(change.id()).isEqualTo(new BsonInt32(1));
      assertThat(change.fields()).isEmpty();
      assertThat(change.document()).isEqualTo(bson(object));
    }
  }

  /** In a sharded collection the key of the shard is there too. */
  @Test
  void ofADeleteAndOfAnUpdateTheIdAloneCounts() throws Exception {
    Document delete = only("op: 'd', ns: 'app.users', " + UI + "o: {region: 'eu', _id: 'x'}");
    assertThat(delete.kind()).isEqualTo(Kind.DELETE);
    assertThat(delete.id()).isEqualTo(bson("{_id: 'x'}").get("_id"));
    assertThat(delete.document()).isNull();
    Document update =
        only("op: 'u', ns: 'app.users', o: {$v: 2, diff: {}}, o2: {region: 'eu', _id: {a: 1}}");
    assertThat(update.id()).isEqualTo(bson("{a: 1}"));
  }

  @Test
  void ofNamesTheValuesAreNull() throws Exception {
    List<DocumentChange> changes =
        read("op: 'i', ns: 'app.users', o: {_id: 1, a: {b: 2}}", new FieldNames());
    assertThat(document(changes.getFirst()).document()).isEqualTo(bson("{_id: null, a: null}"));
  }

  @Test
  void aCollectionMayHaveDotsInItsName() throws Exception {
    assertThat(only("op: 'i', ns: 'app.users.old', o: {_id: 1}").namespace())
        .isEqualTo(new Namespace("app", "users.old"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "op: 'i', ns: 'app.hidden', o: {_id: 1}",
        "op: 'i', ns: 'app.system.views', o: {_id: 'app.v', viewOn: 'x', pipeline: []}",
        "op: 'u', ns: 'app.system.buckets.t', o: {$v: 2, diff: {b: {x: {o: 1}}}}, o2: {_id: 1}",
        "op: 'i', ns: 'config.transactions', o: {_id: 1}",
        "op: 'u', ns: 'config.image_collection', o: {odd: 1}, o2: {_id: {id: 1}}",
        "op: 'i', ns: 'admin.system.users', o: {_id: 1}",
        "op: 'i', ns: 'local.x', o: {_id: 1}",
        "op: 'i', ns: 'app.users', o: {_id: 1}, fromMigrate: true",
        "op: 'd', ns: 'app.users', o: {_id: 1}, fromMigrate: true",
        "op: 'c', ns: 'app.$cmd', o: {drop: 'users'}, fromMigrate: true",
        "op: 'c', ns: 'app.$cmd', o: {drop: 'hidden'}",
        "op: 'c', ns: 'app.$cmd', o: {drop: 'system.views'}",
        "op: 'c', ns: 'config.$cmd', o: {dropDatabase: 1}",
      })
  void whatIsNotWantedIsLeftOut(String entry) throws Exception {
    unwanted.add(NamespacePattern.parse("app.hidden"));
    assertThat(read(entry)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "op: 'n', ns: '', o: {msg: 'periodic noop'}",
        "op: 'n', ns: 'app.users', o: {_id: 1}, o2: {_id: 1}, lsid: {}, txnNumber: 3, stmtId: 0",
        "op: 'n', ns: 'app.users', o: {}, needsRetryImage: 'preImage', stmtId: 0",
        "op: 'xi', ns: 'app.users', o: {_id: 1}",
        "op: 'db', ns: 'app', o: {}",
        "op: 'c', ns: 'app.$cmd', o: {create: 'users', idIndex: {v: 2, key: {_id: 1}}}",
        "op: 'c', ns: 'app.$cmd', o: {createIndexes: 'users', v: 2, key: {a: 1}, name: 'a_1'}",
        "op: 'c', ns: 'app.$cmd', o: {dropIndexes: 'users', index: 'a_1'}",
        "op: 'c', ns: 'app.$cmd', o: {collMod: 'users', expireAfterSeconds: 5}",
        "op: 'c', ns: 'app.$cmd', o: {commitIndexBuild: 'users', indexes: []}",
        "op: 'c', ns: 'admin.$cmd', o: {abortTransaction: 1}, lsid: {}, txnNumber: 1",
      })
  void whatChangesNoDocumentIsLeftOut(String entry) throws Exception {
    assertThat(read(entry)).isEmpty();
  }

  @Test
  void whatIsDroppedIsGone() throws Exception {
    ChangeTime time = new ChangeTime(TIME, 0);
    assertThat(read("op: 'c', ns: 'app.$cmd', " + UI + "o: {drop: 'a.b'}, o2: {numRecords: 3}"))
        .containsExactly(new Gone(new Namespace("app", "a.b"), time, 1_763_754_206_500L));
    assertThat(read("op: 'c', ns: 'app.$cmd', o: {dropDatabase: 1}"))
        .containsExactly(new Gone(new Namespace("app", ""), time, 1_763_754_206_500L));
  }

  @Test
  void whatIsRenamedIsGoneUnderBothNamesAsFarAsTheyAreWanted() throws Exception {
    String entry =
        "op: 'c', ns: 'app.$cmd', "
            + UI
            + "o: {renameCollection: 'app.users', to: 'new.hidden', stayTemp: false,"
            + " dropTarget: {$uuid: 'd87a6c1b-4a0e-4e3c-9a3e-0c4a5b6d7e8f'}}";
    assertThat(read(entry))
        .extracting(DocumentChange::namespace, DocumentChange::time)
        .containsExactly(
            tuple(users(), new ChangeTime(TIME, 0)),
            tuple(new Namespace("new", "hidden"), new ChangeTime(TIME, 1)));
    unwanted.add(NamespacePattern.parse("new"));
    assertThat(read(entry)).extracting(DocumentChange::namespace).containsExactly(users());
  }

  @Test
  void aDatabaseOfWhichNothingIsWantedIsNotTold() throws Exception {
    unwanted.add(NamespacePattern.parse("app"));
    assertThat(read("op: 'c', ns: 'app.$cmd', o: {dropDatabase: 1}")).isEmpty();
  }

  @Test
  void theOperationsOfATransactionHaveOneTimeAndAnIndexEach() throws Exception {
    unwanted.add(NamespacePattern.parse("app.hidden"));
    List<DocumentChange> changes =
        read(
            "op: 'c', ns: 'admin.$cmd', lsid: {id: 1}, txnNumber: 4, prevOpTime: {ts: {$timestamp:"
                + " {t: 0, i: 0}}, t: -1}, o: {applyOps: ["
                + "{op: 'i', ns: 'app.users', o: {_id: 1}},"
                + "{op: 'i', ns: 'app.hidden', o: {_id: 2}},"
                + "{op: 'u', ns: 'app.users', o: {$v: 2, diff: {u: {a: 1}}}, o2: {_id: 3}},"
                + "{op: 'c', ns: 'app.$cmd', o: {create: 'orders'}},"
                + "{op: 'd', ns: 'app.orders', o: {_id: 4}}]}");
    assertThat(changes)
        .extracting(change -> document(change).id().asInt32().getValue())
        .containsExactly(1, 3, 4);
    assertThat(changes)
        .extracting(DocumentChange::time)
        .containsExactly(new ChangeTime(TIME, 0), new ChangeTime(TIME, 1), new ChangeTime(TIME, 2));
  }

  @Test
  void operationsMayBeWithinOthersInTheirOrder() throws Exception {
    List<DocumentChange> changes =
        read(
            "op: 'c', ns: 'admin.$cmd', o: {applyOps: ["
                + "{op: 'i', ns: 'app.a', o: {_id: 1}},"
                + "{op: 'c', ns: 'admin.$cmd', o: {applyOps: ["
                + "{op: 'i', ns: 'app.b', o: {_id: 2}},"
                + "{op: 'c', ns: 'admin.$cmd', o: {applyOps: [{op: 'd', ns: 'app.c', o: {_id: 3}}]}},"
                + "{op: 'i', ns: 'app.d', o: {_id: 4}, fromMigrate: true}]}},"
                + "{op: 'c', ns: 'app.$cmd', o: {drop: 'e'}},"
                + "{op: 'i', ns: 'app.f', o: {_id: 6, applyOps: [1]}}]}");
    assertThat(changes)
        .extracting(change -> change.namespace().collection())
        .containsExactly("a", "b", "c", "e", "f");
    assertThat(changes).extracting(change -> change.time().index()).containsExactly(0, 1, 2, 3, 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "op: 'u', ns: 'app.users', o: {$v: 3, diff: {}}, o2: {_id: 1}",
        "op: 'u', ns: 'app.users', o: {$v: 2, diff: {}}",
        "op: 'i', ns: 'app.users', o: {a: 1}",
        "op: 'c', ns: 'app.$cmd', o: {drop: 1}",
        "op: 'd', ns: 'app.users', o: 1",
      })
  void whatCannotBeReadIsToldWithItsPlace(String entry) {
    assertThatThrownBy(() -> read(entry))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("6920c0de0000000200000000");
  }

  @Test
  void anEntryOfATransactionTellsWhereItBelongs() {
    Entry partial = entry("{o: {applyOps: [], partialTxn: true}, lsid: {id: 1}, txnNumber: 2}");
    Entry prepared = entry("{o: {applyOps: [], prepare: true}, lsid: {id: 1}, txnNumber: 3}");
    Entry commit =
        entry(
            "{o: {commitTransaction: 1}, lsid: {id: 1}, txnNumber: 3,"
                + " prevOpTime: {ts: {$timestamp: {t: 1, i: 2}}, t: 1}}");
    assertThat(partial.isHeld()).isTrue();
    assertThat(prepared.isHeld()).isTrue();
    assertThat(commit.isHeld()).isFalse();
    assertThat(commit.isCommit()).isTrue();
    assertThat(commit.previous()).isEqualTo(0x1_0000_0002L);
    assertThat(partial.previous()).isZero();
    assertThat(commit.isOfSame(prepared)).isTrue();
    assertThat(commit.isOfSame(partial)).isFalse();
    assertThat(entry("{o: {}}").isOfSame(entry("{o: {}}"))).isFalse();
  }

  @Test
  void anEntryWithoutATimeOfItsOwnIsToldToTheSecond() {
    assertThat(entry("{ts: {$timestamp: {t: 5, i: 1}}}").millis()).isEqualTo(5000);
  }

  private static Entry entry(String json) {
    return new Entry(RawBsonDocument.parse(json));
  }
}
