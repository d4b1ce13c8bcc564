package io.oplog.core.engine;

import java.util.Map;

/**
 * What consumers got, since the start.
 *
 * @param clients streams that are open
 * @param sent events handed to connections
 * @param fallenBehind times that a consumer did not keep up and went on from its own cursor
 * @param closedAsSlow consumers closed because they took nothing
 * @param failedReads pages for consumers that the store could not read
 * @param resets by reason
 */
public record EngineStats(
    int clients,
    long sent,
    long fallenBehind,
    long closedAsSlow,
    long failedReads,
    Map<ResetReason, Long> resets) {

  public EngineStats {
    resets = Map.copyOf(resets);
  }
}
