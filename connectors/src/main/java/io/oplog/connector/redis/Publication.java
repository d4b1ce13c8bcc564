package io.oplog.connector.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.oplog.connector.document.ChangeTime;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Sink.Refusal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/** A batch on its way: calls of a bounded size, sent without waiting for one another. */
final class Publication {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] NOTHING = new byte[0];

  private final RedisAsyncCommands<byte[], byte[]> redis;
  private final String key;
  private final RedisMessages messages;
  private final DenyList denied;
  private final List<RedisFuture<Long>> answers = new ArrayList<>();
  private final List<Refusal> refused = new ArrayList<>();

  /** Of each collection the last order of the calls before. */
  private final Map<Namespace, byte[]> after = new HashMap<>();

  /** Of each collection in this call the order up to which all is told with it. */
  private final Map<Namespace, byte[]> upto = new LinkedHashMap<>();

  private ScriptCall call;

  Publication(
      RedisAsyncCommands<byte[], byte[]> redis,
      String key,
      RedisMessages messages,
      DenyList denied) {
    this.redis = redis;
    this.key = key;
    this.messages = messages;
    this.denied = denied;
    this.call = new ScriptCall(Script.PUBLISH, key);
  }

  /** Sends all; the answers tell when that is done. */
  List<RedisFuture<Long>> send(Batch<DocumentChange> batch) {
    for (DocumentChange change : batch.changes()) {
      if (call.isFull(upto.size())) {
        send("");
      }
      byte[] order = order(change.time());
      boolean isOne = change.since().equals(change.time());
      upto.put(change.namespace(), isOne ? order : order(change.since()));
      add(change, order);
    }
    send(batch.to());
    return answers;
  }

  /** What cannot be told never can be: it is left out. */
  private void add(DocumentChange change, byte[] order) {
    if (change instanceof DocumentChange.Document document
        && !denied.denies(change.namespace().database())) {
      try {
        messages.tell(
            document,
            (collection, others, body) -> {
              call.with(order).with(collection).with(body).with(Integer.toString(others.size()));
              others.forEach(call::with);
            });
      } catch (JacksonException e) {
        refused.add(new Refusal(change.namespace() + "/" + document.id(), e.getOriginalMessage()));
      }
    }
  }

  List<Refusal> refused() {
    return refused;
  }

  private void send(String position) {
    if (!position.isEmpty()) {
      after.forEach(upto::putIfAbsent); // it moves over them as well, if they were published
    }
    for (var told : upto.entrySet()) {
      Namespace namespace = told.getKey();
      call.with(messages.channel(namespace))
          .with(after.getOrDefault(namespace, NOTHING))
          .with(told.getValue());
    }
    answers.add(call.with(Integer.toString(upto.size())).with(position).send(redis));
    after.putAll(upto);
    upto.clear();
    call = new ScriptCall(Script.PUBLISH, key);
  }

  /** As {@link ChangeTime#toString}. */
  private static byte[] order(ChangeTime time) {
    String text = HEX.toHexDigits(time.clusterTime()) + HEX.toHexDigits(time.index());
    return text.getBytes(ISO_8859_1);
  }
}
