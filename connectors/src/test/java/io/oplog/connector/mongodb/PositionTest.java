package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.ChangeTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PositionTest {
  private static final ChangeTime TIME = new ChangeTime(0xf234_5678_0000_0001L, 3);

  private static BsonDocument token(String data) {
    return new BsonDocument("_data", new BsonString(data));
  }

  @Test
  void itsTextIsReadBack() {
    Position position = Position.of(TIME, token("8263FBFF00"));
    assertThat(position).hasToString("f23456780000000100000003-gmP7_wA");
    assertThat(Position.parse(position.toString())).contains(position);
    assertThat(position.resumeToken()).isEqualTo(token("8263FBFF00"));
  }

  @Test
  void aTokenThatIsTooLongIsLeftOut() {
    int most = (1024 - 25) * 3 / 4;
    Position longest = Position.of(TIME, token("AA".repeat(most)));
    assertThat(longest.resumeToken()).isEqualTo(token("AA".repeat(most)));
    assertThat(longest.toString()).hasSizeLessThanOrEqualTo(1024);
    Position without = Position.of(TIME, token("AA".repeat(most + 1)));
    assertThat(without).hasToString("f23456780000000100000003-");
    assertThat(Position.parse(without.toString())).contains(without);
  }

  @Test
  void aTokenOfAnotherFormIsLeftOut() {
    assertThat(Position.of(TIME, token("no hex")).token()).isEmpty();
    assertThat(Position.of(TIME, new BsonDocument()).token()).isEmpty();
    assertThat(Position.of(TIME, null).token()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nowhere",
        "f23456780000000100000003",
        "F23456780000000100000003-",
        "f23456780000000100000003-A",
        "f23456780000000100000003-gmP7/wA",
        "f23456780000000100000003-gmP7;"
      })
  void whatIsNoPositionIsNotRead(String text) {
    assertThat(Position.parse(text)).isEmpty();
  }
}
