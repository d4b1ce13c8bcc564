package io.oplog.connector.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamespacePatternTest {
  @ParameterizedTest
  @CsvSource({
    "app.users, app, users, true",
    "app.users, app, Users, false",
    "app.users, app, users2, false",
    "app.a.b, app, a.b, true",
    "app, app, anything, true",
    "*, any, thing, true",
    "app.user*, app, user, true",
    "app.user*, app, users.old, true",
    "app.*old, app, users.old, true",
    "app.*old, app, older, false",
    "app.a*a, app, a, false",
    "app.a*a, app, aa, true",
    "app.*ab*b, app, ab, false",
    "app.*ab*b, app, xabcb, true",
    "app.a*b*c, app, a-b-c, true",
    "app.a*b*c, app, a-c-b, false",
    "app.a[1].+, app, a[1].+, true",
    "*prod.*, eu-prod, x, true",
    "*prod.*, eu-prod2, x, false",
  })
  void aStarStandsForAnyCharacters(
      String pattern, String database, String collection, boolean matches) {
    assertThat(NamespacePattern.parse(pattern).matches(new Namespace(database, collection)))
        .isEqualTo(matches);
  }
}
