package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.server.config.ConfigException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OtherVariablesTest {
  @Test
  void thoseOfOplogtoredisAreSaidByOurs() {
    OtherVariables others =
        new OtherVariables(
            Map.of(
                "OTR_MONGO_URL", "mongodb://u:p@h/app",
                "OTR_REDIS_URL", "redis://r,rediss://s",
                "OTR_MAX_CATCH_UP", "1m30.5s",
                "OTR_REDIS_METADATA_PREFIX", "mine::",
                "OTR_BUFFER_SIZE", "10"));
    assertThat(others.environment())
        .containsEntry("OPLOG_FROM", "mongodb://u:p@h/app")
        .containsEntry("OPLOG_TO", "redis://r,rediss://s")
        .containsEntry("OPLOG_LISTEN", "0.0.0.0:9000")
        .containsEntry("OPLOG_CATCH_UP", "90500ms")
        .containsEntry("OPLOG_COPIES", "mine::")
        .doesNotContainKey("OPLOG_WATCH");
    assertThat(others.notes()).noneMatch(note -> note.contains("u:p"));
  }

  @Test
  void thoseOfChangestreamToRedisAreSaidByOurs() {
    OtherVariables others =
        new OtherVariables(
            Map.of(
                "MONGO_URL", "mongodb://u:p@h1,h2/app?replicaSet=rs",
                "REDIS_URL", "redis://r/1",
                "EXCLUDED_COLLECTIONS", "exports, logs",
                "FULL_DOCUMENT", "updateLookup",
                "FULL_DOCUMENT_COLLECTIONS", "users",
                "METRICS_ADDRESS", "0.0.0.0:4000"));
    assertThat(others.environment())
        .containsEntry("OPLOG_FROM", "mongodb://u:p@h1,h2/app?replicaSet=rs")
        .containsEntry("OPLOG_TO", "redis://r/1")
        .containsEntry("OPLOG_WATCH", "app")
        .containsEntry("OPLOG_EXCLUDE", "app.exports,app.logs")
        .containsEntry("OPLOG_DOCUMENTS", "app.users")
        .containsEntry("OPLOG_LISTEN", "0.0.0.0:4000");
  }

  @Test
  void withoutNamedCollectionsAllDocumentsAreWholeAndWithoutADatabaseItIsTest() {
    Map<String, String> said =
        new OtherVariables(
                Map.of("MONGO_URL", "mongodb://h", "REDIS_URL", "redis://r", "FULL_DOCUMENT", "1"))
            .environment();
    assertThat(said).containsEntry("OPLOG_WATCH", "test").containsEntry("OPLOG_DOCUMENTS", "test");
  }

  /** They may be those of an application, or of another program beside. */
  @Test
  void theyMeanNothingWhereItIsSaidOtherwiseOrHalfOfThemIsThere() {
    Map<String, String> both = Map.of("MONGO_URL", "mongodb://h/app", "REDIS_URL", "redis://r");
    assertThat(new OtherVariables(both, "relay", "--from", "mongodb://x").environment())
        .isEqualTo(both);
    assertThat(new OtherVariables(both, "relay", "--to=redis://x").environment()).isEqualTo(both);
    Map<String, String> ours =
        Map.of("OTR_MONGO_URL", "m", "OTR_REDIS_URL", "r", "OPLOG_TO_FILE", "secret");
    assertThat(new OtherVariables(ours).environment()).isEqualTo(ours);
    Map<String, String> meteor = Map.of("MONGO_URL", "mongodb://h/app");
    assertThat(new OtherVariables(meteor).environment()).isEqualTo(meteor);
  }

  @Test
  void ofEachSettingOursWins() {
    Map<String, String> given =
        Map.of("OTR_MONGO_URL", "m", "OTR_REDIS_URL", "r", "OPLOG_LISTEN", ":1");
    assertThat(new OtherVariables(given).environment())
        .containsEntry("OPLOG_LISTEN", ":1")
        .containsEntry("OPLOG_FROM", "m");
  }

  @Test
  void aTimeWithoutAUnitIsRefused() {
    Map<String, String> given =
        Map.of("OTR_MONGO_URL", "m", "OTR_REDIS_URL", "r", "OTR_MAX_CATCH_UP", "120");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> new OtherVariables(given))
        .withMessageContaining("OTR_MAX_CATCH_UP");
  }
}
