package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.connector.document.NamespaceFilter;
import org.junit.jupiter.api.Test;

final class MongoSourceOptionsTest {
  private static final DocumentNeeds NEEDS =
      new DocumentNeeds(NamespaceFilter.ALL, _ -> new NoFields(), false);

  private static MongoSourceOptions options(String server, String identity) {
    return MongoSourceOptions.of(server, NEEDS, identity);
  }

  @Test
  void theNameStaysWhereTheSameIsCaptured() {
    String name = options("mongodb://a,b/?replicaSet=rs", "rules").name();
    assertThat(name).matches("mongodb-[0-9a-f]{16}");
    assertThat(options("mongodb://me:secret@b,a:27017/?w=1", "rules").name()).isEqualTo(name);
  }

  @Test
  void theNameTellsApartWhatIsNotTheSame() {
    MongoSourceOptions one = options("mongodb://a,b/", "rules");
    assertThat(options("mongodb://a,b/", "other").name()).isNotEqualTo(one.name());
    assertThat(options("mongodb://a,c/", "rules").name()).isNotEqualTo(one.name());
    assertThat(one.withWatch(new Watch.Database("d")).name()).isNotEqualTo(one.name());
  }

  /** Positions of one way are positions of the other. */
  @Test
  void theNameDoesNotTellByWhichWayItIsRead() {
    MongoSourceOptions one = options("mongodb://a,b/", "rules");
    assertThat(one.withReading(new Reading.Log()).name()).isEqualTo(one.name());
  }

  @Test
  void aLogIsReadAsAWhole() {
    MongoSourceOptions whole = options("mongodb://a/", "").withReading(new Reading.Log());
    assertThatThrownBy(() -> whole.withWatch(new Watch.Database("d")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itsTextHasNoPassword() {
    assertThat(options("mongodb://me:secret@b,a/", "rules"))
        .hasToString("MongoSourceOptions[a:27017,b:27017, Cluster[]]");
  }
}
