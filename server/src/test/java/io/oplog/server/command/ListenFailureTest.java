package io.oplog.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.server.config.ListenAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;

class ListenFailureTest {
  private static String of(Throwable cause) {
    IOException e = new IOException("cannot listen on TCP h:1", cause);
    return String.valueOf(ListenFailure.of(ListenAddress.parse("h:1"), e).getMessage());
  }

  private static Throwable bind(String reason) {
    return new BindException("bind(..) failed with error(-1): " + reason);
  }

  @Test
  void theReasonIsToldWithoutTheSystemsCalls() {
    assertThat(of(bind("Permission denied")))
        .startsWith("cannot listen on h:1: permission denied;");
    assertThat(of(bind("Address already in use"))).contains(": address in use; stop what has");
    assertThat(of(bind("Cannot assign requested address")))
        .contains(": not an address of this machine; choose another");
    assertThat(of(new UnresolvedAddressException())).contains(": no such host;");
    assertThat(of(new UnknownHostException("h"))).contains(": no such host;");
  }
}
