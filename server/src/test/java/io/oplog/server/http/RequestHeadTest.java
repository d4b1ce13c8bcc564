package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestHeadTest {
  private static String shown(String target) {
    return new RequestHead(Target.path(target), new byte[0], false, false).shownPath();
  }

  @Test
  void thePathIsShownShortAndPrintable() {
    assertThat(shown("/a\u001b[31mb\u0085?password=secret")).isEqualTo("\"/a?[31mb?\"");
    assertThat(shown("/" + "x".repeat(30_000))).hasSize(63);
    assertThat(shown("http://user:secret@host/a")).isEqualTo("\"/a\"");
  }

  @Test
  void aTargetThatIsNoPathIsNotShown() {
    assertThat(shown("user:secret@host:80")).isEqualTo("a target that is no path");
  }
}
