package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CredentialsTest {
  @Test
  void noPasswordLetsEverybodyIn() {
    assertThat(new Credentials(null).allows(null)).isTrue();
    assertThat(new Credentials("").allows("Bearer x")).isTrue();
  }

  @Test
  void aPasswordWithLettersOfTheWorldWorksInBasic() {
    // user:pässwörd in UTF-8
    assertThat(new Credentials("p\u00e4ssw\u00f6rd").allows("Basic dXNlcjpww6Rzc3fDtnJk")).isTrue();
  }
}
