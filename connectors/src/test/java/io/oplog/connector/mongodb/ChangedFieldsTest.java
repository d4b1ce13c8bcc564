package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Updates as mongod writes them, and the fields that a change stream names for them. */
final class ChangedFieldsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{$set: {a: 1}} | a",
        "{$v: 1, $set: {a: {b: 1}, 'c.d': 2}} | a,c.d",
        "{$v: 1, $unset: {a: true, 'b.c': true}} | a,b.c",
        "{$v: 1, $set: {'l.3': 1}, $unset: {z: true}} | l.3,z",
        "{$v: {$numberLong: '1'}, $set: {a: 1}} | a",
        "{$set: {$v: 1}} | $v",
        "{$inc: {n: 1}, $push: {l: 1}} | n,l",
      })
  void operatorsNameTheFields(String update, String fields) throws Exception {
    assertFields(update, fields);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{i: {new: 1}} | new",
        "{u: {a: 2, b: {c: 1}}} | a,b",
        "{d: {gone: false, also: false}} | gone,also",
        "{d: {x: false}, u: {y: 1}, i: {z: 1}} | x,y,z",
        "{b: {blob: {o: 3, d: 'x'}}} | blob",
        "{u: {s: 1}, ss: {u: {i: 1}}} | s,s.i",
        "{sa: {u: {b: 1}}} | a.b",
        "{u: {x: 1}, sa: {d: {b: false}, sc: {i: {d: 1}}}, sz: {u: {y: 1}}} | x,a.b,a.c.d,z.y",
        "{sd: {u: {i: 1}}, sl: {i: {a: 1}}} | d.i,l.a",
        "{'sa-b $': {u: {'c d': 1}}} | a-b $.c d",
        "{s: {u: {a: 1}}} | .a",
      })
  void differencesOfObjectsAreATreeOfTheFields(String differences, String fields) throws Exception {
    assertFields("{$v: 2, diff: " + differences + "}", fields);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{sl: {a: true, u0: 1}} | l.0",
        "{sl: {a: true, u0: 1, u12: {x: 1}}} | l.0,l.12",
        "{sl: {a: true, l: 2}} | l",
        "{sl: {a: true, l: 2, u1: 5}} | l,l.1",
        "{sl: {a: true, s1: {u: {x: 1}}}} | l.1.x",
        "{sl: {a: true, l: 4, u0: 1, s1: {d: {x: false}, i: {y: 1}}, u3: 2}} | l,l.0,l.1.x,l.1.y,l.3",
        "{so: {sl: {a: true, s0: {a: true, l: 1, u0: 2}}}} | o.l.0,o.l.0.0",
        "{u: {a: true}, sl: {a: true, s2: {sa: {u: {l: 1}}}}} | a,l.2.a.l",
      })
  void differencesOfListsNameItemsAndListsThatAreCutShort(String differences, String fields)
      throws Exception {
    assertFields("{$v: 2, diff: " + differences + "}", fields);
  }

  private static void assertFields(String update, String fields) throws Exception {
    BsonDocument parsed = BsonDocument.parse(update);
    assertThat(String.join(",", ChangedFields.of(parsed))).isEqualTo(fields);
    assertThat(String.join(",", ChangedFields.of(RawBsonDocument.parse(update)))).isEqualTo(fields);
  }

  @Test
  void anUpdateOfNothingNamesNothing() throws Exception {
    assertThat(ChangedFields.of(BsonDocument.parse("{$v: 2, diff: {}}"))).isEmpty();
    assertThat(ChangedFields.of(BsonDocument.parse("{$v: 1}"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{$v: 3, diff: {u: {a: 1}}}",
        "{$v: 0, $set: {a: 1}}",
        "{$v: 2, $set: {a: 1}}",
        "{$v: 2, diff: [1]}",
        "{$v: 2, diff: {updatedFields: {a: 1}}}",
        "{$v: 2, diff: {u: 1}}",
        "{$v: 2, diff: {u0: 1}}",
        "{$v: 2, diff: {sl: {a: true, i: {a: 1}}}}",
        "{$v: 2, diff: {sl: 1}}",
        "{a: 1}",
        "{$set: 1}",
      })
  void whatIsOfAnotherFormIsRefused(String update) {
    assertThatThrownBy(() -> ChangedFields.of(BsonDocument.parse(update)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("form that is not known");
  }
}
