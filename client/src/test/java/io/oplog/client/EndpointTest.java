package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
  @ParameterizedTest
  @CsvSource({
    "localhost:8042,http://localhost:8042",
    "http://h:1/,http://h:1",
    "http://h:1/ops,http://h:1",
    "https://h/oplog/,https://h/oplog"
  })
  void anAddressIsUnderstoodInSeveralForms(String given, String url) {
    assertThat(Endpoint.of(given)).hasToString(url);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://h", "http://", "http://h:1/?x=1", "a b"})
  void anotherAddressIsRefused(String given) {
    assertThatThrownBy(() -> Endpoint.of(given)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://me:s3cret@h:1",
        "me:s3cret@h:1",
        "http://me:s3cret @h:1",
        "http://me:s/s3cret@h:1",
        "http:me:s3cret@h:1",
        "http://me:s@s3cret@h:1",
        "http://me:s?s3cret@h:1",
        "http://me:s#s3cret@h:1",
        "http://h:1/?password=s3cret",
        "http://h:1/x y?password=s3cret"
      })
  void aPasswordInAnAddressIsRefusedAndNotShown(String given) {
    assertThatThrownBy(() -> Endpoint.of(given))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("h:1")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void whatIsWrongWithAnAddressIsSaid() {
    assertThatThrownBy(() -> Endpoint.of("http://my_host:8042"))
        .hasMessageEndingWith(
            "http://my_host:8042: a host's name has letters, digits, dots and hyphens");
    assertThatThrownBy(() -> Endpoint.of("http://h:8042#x")).hasMessageContaining("fragment");
  }
}
