package io.oplog.protocol;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Feeds text to a reader, in the middle of a larger array as a server does. */
final class Inputs {
  static final long RECEIPT = 1_415_271_879_041L; // 2014-11-06T11:04:39.041Z

  private final OperationReader reader;
  final List<Operation> good = new ArrayList<>();
  final List<InvalidOperationException> bad = new ArrayList<>();

  Inputs(OperationLimits limits) {
    this.reader = new OperationReader(limits);
  }

  static Inputs withDefaults() {
    return new Inputs(OperationLimits.DEFAULTS);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A copy with bytes around it that must not be read. */
  private static byte[] embedded(byte[] body) {
    byte[] bytes = new byte[body.length + 10];
    Arrays.fill(bytes, (byte) '}');
    System.arraycopy(body, 0, bytes, 5, body.length);
    return bytes;
  }

  List<Operation> json(String body) throws InvalidOperationException {
    return json(utf8(body));
  }

  List<Operation> json(byte[] body) throws InvalidOperationException {
    List<Operation> read = new ArrayList<>();
    reader.readJson(embedded(body), 5, 5 + body.length, RECEIPT, read::add);
    return read;
  }

  List<Operation> ndjson(String body) throws InvalidOperationException {
    return ndjson(utf8(body));
  }

  List<Operation> ndjson(byte[] body) throws InvalidOperationException {
    List<Operation> read = new ArrayList<>();
    reader.readNdjson(embedded(body), 5, 5 + body.length, RECEIPT, read::add);
    return read;
  }

  @CanIgnoreReturnValue
  Inputs datagram(String text) {
    return datagram(utf8(text));
  }

  @CanIgnoreReturnValue
  Inputs datagram(byte[] datagram) {
    reader.readDatagram(embedded(datagram), 5, 5 + datagram.length, RECEIPT, good::add, bad::add);
    return this;
  }

  List<String> ids() {
    return good.stream().map(Operation::id).toList();
  }

  List<String> messages() {
    return bad.stream().map(Exception::getMessage).toList();
  }

  /** A valid operation. */
  static String operation(String id) {
    return "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"" + id + "\"}";
  }

  /** A valid operation with more fields. */
  static String operationWith(String fields) {
    return "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"," + fields + "}";
  }
}
